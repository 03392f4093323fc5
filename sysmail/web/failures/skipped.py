"""Who was not mailed, by choice or rule: the decisions behind a number of the ledger."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy import select

from sysmail.db import db
from sysmail.events import Event
from sysmail.notifications import Notification, why_not
from sysmail.people import Person
from sysmail.web import kit
from sysmail.web.failures.rows import KINDS
from sysmail.web.paging import keyset_page


def skipped() -> Response:
    """The decisions not to mail, newest first."""
    decisions = (
        select(
            Notification.id, Notification.skip, Person.name, Person.email, Event.kind,
            Event.created_at,
        )
        .join(Event, Event.id == Notification.event_id)
        .outerjoin(Person, Person.id == Notification.person_id)
        .where(Notification.skip.is_not(None))
    )  # fmt: skip
    page = keyset_page(db.session(), decisions, [Notification.id], request.args)
    return kit.render_page(
        "failures/skipped.html", "skipped", page=page, why_not=why_not, kinds=KINDS
    )
