"""From the ids in a URL to the things themselves, or 404."""

from __future__ import annotations

from typing import TypeVar

from flask import abort, request

from sysmail import portal
from sysmail.db import db
from sysmail.portal import App, Comment, Record
from sysmail.web import here

T = TypeVar("T", Record, Comment)


def app_or_404(app_id: int) -> App:
    """The app, where the signed-in person may see it."""
    return portal.find_app(db.session(), here.me(), app_id) or abort(404)


def record_or_404(app_id: int, record_id: int) -> tuple[App, Record]:
    """The record and its app, where the signed-in person may see them."""
    app = app_or_404(app_id)
    return app, portal.find_record(db.session(), app, record_id) or abort(404)


def own_record_or_404(app_id: int, record_id: int) -> tuple[App, Record]:
    """The record and its app, where the signed-in person may change the record."""
    app, record = record_or_404(app_id, record_id)
    return app, _mine(record)


def own_comment_or_404(app_id: int, record_id: int, comment_id: int) -> tuple[Record, Comment]:
    """The comment and its record, where the signed-in person may change the comment."""
    _app, record = record_or_404(app_id, record_id)
    comment = portal.find_comment(db.session(), record, comment_id) or abort(404)
    return record, _mine(comment)


def asked_page() -> dict[str, str]:
    """The cursor in the request's URL, to be carried to another."""
    return {name: request.args[name] for name in ("before", "after") if name in request.args}


def _mine(thing: T) -> T:
    return thing if portal.may_change(here.me(), thing) else abort(404)
