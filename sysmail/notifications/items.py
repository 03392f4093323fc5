"""The items of summaries: which of them may still be told, and what each tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, TextClause, case, literal, select, update
from sqlalchemy.orm import Session

from sysmail import preferences
from sysmail.events import Event
from sysmail.notifications.notification import NOTIFICATIONS, Notification
from sysmail.notifications.objection import READ, objection_to_told
from sysmail.notifications.recipients import DISABLED
from sysmail.notifications.summary import Summary, is_item
from sysmail.people import Person

_LOADED = 200
_PREVIEW = 300


class Line(NamedTuple):
    """What a summary tells of one event. `text` is the beginning of what was written; `action`
    and `details` are those of an audit entry, else empty."""

    event_id: int
    kind: str
    at: datetime
    app_id: int | None
    record_id: int | None
    comment_id: int | None
    app: str
    title: str
    actor: str
    text: str
    action: str
    details: dict[str, Any]


def asked_of_items(
    *which: ColumnElement[bool] | TextClause, dropped: str | None = None
) -> Select[int, int, int, str | None]:
    """Rows (id, event_id, summary_id, reason) of items: `reason` says why one is not told now.

    `which` may speak of Summary and Notification. With `dropped` they are of what was dropped
    for that reason.
    """
    standing = is_item() if dropped is None else [NOTIFICATIONS.c.dropped == dropped]
    objection = objection_to_told(Event.kind, Notification.because)
    reason = case(
        (~Person.active, literal(DISABLED)),
        (Notification.read_at.is_not(None), literal(READ)),
        else_=objection,
    ).label("reason")
    asked = (
        select(Notification.id, Notification.event_id, Notification.summary_id, reason)
        .select_from(Notification)
        .join(Summary, Summary.id == Notification.summary_id)
        .join(Event, Event.id == Notification.event_id)
        .join(Person, Person.id == Notification.person_id)
        .where(*standing, *which)
    )
    return preferences.with_choices(asked, Person.id, Event.app_id, Event.record_id)


def drop_waiting(session: Session, *which: ColumnElement[bool]) -> int:
    """Drops what may not be told any more from summaries that still fill; how much there was.

    These are locked first, as a worker that posts one does: what it counts stays in it. In the
    order of people, as whoever fills them.
    """
    is_open = (Summary.posted_at.is_(None), *which)
    asked = asked_of_items(*is_open).subquery()
    ids = select(asked.c.summary_id).where(asked.c.reason.is_not(None))
    filling = select(Summary.id).where(Summary.posted_at.is_(None), Summary.id.in_(ids))
    session.execute(filling.order_by(Summary.person_id).with_for_update()).all()
    return drop_items(session, *is_open)


def drop_items(session: Session, *which: ColumnElement[bool]) -> int:
    """Drops the items that may not be told any more; how many there were."""
    asked: Subquery = asked_of_items(*which).subquery()
    dropped = session.connection().execute(
        update(NOTIFICATIONS)
        .where(NOTIFICATIONS.c.id == asked.c.id, asked.c.reason.is_not(None))
        .values(dropped=asked.c.reason)
    )
    session.expire_all()
    return dropped.rowcount


def lines_of(session: Session, event_ids: Iterable[int]) -> dict[int, Line]:
    """What each of these events tells in a summary, but for those that are gone.

    Nothing is kept from one batch to the next: an event forgets whoever is erased.
    """
    wanted = sorted(set(event_ids))
    found: dict[int, Line] = {}
    for start in range(0, len(wanted), _LOADED):
        found.update(_load(session, wanted[start : start + _LOADED]))
    return found


def _load(session: Session, ids: Sequence[int]) -> dict[int, Line]:
    columns = (Event.id, Event.kind, Event.created_at, Event.app_id, Event.record_id)
    rows = session.connection().execute(
        select(*columns, Event.comment_id, Event.snapshot).where(Event.id.in_(ids))
    )
    return {row[0]: _line(*row) for row in rows}


def _line(*row: Any) -> Line:
    *values, told = row
    text = str(told.get("text", ""))[:_PREVIEW]
    words = [str(told.get(name, "")) for name in ("app", "title", "actor")]
    return Line._make([*values, *words, text, told.get("action", ""), told.get("details") or {}])
