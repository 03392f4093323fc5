"""The apps in the header of every page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_security import current_user
from sqlalchemy import select

from sysmail.db import db
from sysmail.portal import App, visible_apps
from sysmail.web import here

_IN_HEADER = 5


def navigation() -> Mapping[str, Any]:
    """The newest apps one may see; none before sign-in."""
    if not current_user.is_authenticated:
        return {"apps": []}
    newest = select(App).where(visible_apps(here.me())).order_by(App.id.desc()).limit(_IN_HEADER)
    return {"apps": db.session.scalars(newest).all()}
