"""The portal's name as administrators set it under Mail Design: pages and mails bear the same."""

from __future__ import annotations

from flask import Flask, g
from sqlalchemy import select

from sysmail.config import PORTAL_NAME
from sysmail.db import db
from sysmail.notifications import MailDesign

_NAME = select(MailDesign.portal).where(MailDesign.id == 1)


def init_app(app: Flask) -> None:
    """Templates ask for it by `portal_name()`."""
    app.jinja_env.globals["portal_name"] = portal_name


def portal_name() -> str:
    """Read once a request."""
    if "portal_name" not in g:
        named = db.session().connection().execute(_NAME).scalar_one_or_none()
        g.portal_name = named or PORTAL_NAME
    name: str = g.portal_name
    return name


def name_without_asking() -> None:
    """For a page that must not ask the database: what is not known by now is the default."""
    g.setdefault("portal_name", PORTAL_NAME)
