"""What a person follows or mutes, as Personal Settings lists it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.people import Person
from sysmail.portal import App, Record, visible_apps
from sysmail.preferences import app_modes, record_modes

_SHOWN = 200


def followed(session: Session, person: Person) -> list[dict[str, Any]]:
    """Apps, then records, that the person may still see; each with the buttons' values."""
    return [*_apps(session, person), *_records(session, person)]


def _apps(session: Session, person: Person) -> Iterator[dict[str, Any]]:
    modes = app_modes(session, person.id)
    which = (App.id.in_(list(modes)[:_SHOWN]), visible_apps(person))
    for app in session.scalars(select(App).where(*which).order_by(App.name)):
        yield {
            "name": app.name,
            "url": url_for("portal.app", app_id=app.id),
            "mode": modes[app.id],
            "action": url_for("portal.follow_app", app_id=app.id),
            "back": "settings",
        }


def _records(session: Session, person: Person) -> Iterator[dict[str, Any]]:
    modes = record_modes(session, person.id)
    which = (Record.id.in_(list(modes)[:_SHOWN]), visible_apps(person))
    found = select(Record).join(App, App.id == Record.app_id).where(*which)
    for record in session.scalars(found.order_by(Record.title)):
        where: dict[str, Any] = {"app_id": record.app_id, "record_id": record.id}
        yield {
            "name": record.title,
            "url": url_for("portal.record", **where),
            "mode": modes[record.id],
            "action": url_for("portal.follow_record", **where),
            "back": "settings",
        }
