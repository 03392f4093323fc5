"""Who is told by a summary that still fills: what is behind a number of the ledger."""

from __future__ import annotations

from flask import Response, request

from sysmail.db import db
from sysmail.events import Event
from sysmail.notifications import Notification, waiting_items
from sysmail.people import Person
from sysmail.web import kit
from sysmail.web.failures.rows import KINDS
from sysmail.web.paging import keyset_page


def waiting() -> Response:
    """The notifications that wait, newest first."""
    items = (
        waiting_items()
        .add_columns(Person.name, Person.email, Event.kind, Event.created_at)
        .join(Event, Event.id == Notification.event_id)
        .outerjoin(Person, Person.id == Notification.person_id)
    )
    page = keyset_page(db.session(), items, [Notification.id], request.args)
    return kit.render_page("failures/waiting.html", "waiting", page=page, kinds=KINDS)
