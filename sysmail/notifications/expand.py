"""From an event to notifications and deliveries, a slice of people at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Insert, Table, insert, literal, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import Id, UtcTime
from sysmail.events import Event
from sysmail.notifications.filling import fill_summaries
from sysmail.notifications.notification import Notification
from sysmail.notifications.recipients import Span, concerned, decisions, within
from sysmail.outbox import Delivery, Priority, State
from sysmail.people import Person
from sysmail.portal import subject_exists


def _table(model: type[Event | Notification | Delivery]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


# Asked at every turn of the worker, so built once.
_WAITS = select(_table(Event).c.id).where(_table(Event).c.expanded_at.is_(None)).limit(1)
_DECIDED = ("event_id", "person_id", "because", "skip", "summary_id")


def expand_next(session: Session, slice_size: int = 5000) -> bool:
    """Expands the next slice of the oldest event that waits; False when none does.

    On PostgreSQL one that another worker is at is passed over: waiting would delay our mail.

    A slice is one transaction of the caller's: whoever is killed in the middle has done
    nothing, and whoever comes next goes on where the last commit stood. An event whose
    subject was deleted tells nobody any more.
    """
    if session.connection().execute(_WAITS).first() is None:
        return False
    event = session.scalars(
        select(Event)
        .where(Event.expanded_at.is_(None))
        .order_by(Event.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if event is None:
        return False
    span = (event.expanded_to, _last_of_slice(session, event, slice_size))
    current = _is_current(session, event)
    if _advance(session, event, span, is_over=not current or span[1] is None) and current:
        _expand(session, event, span)
    session.expire(event)
    return True


def _last_of_slice(session: Session, event: Event, slice_size: int) -> int | None:
    """The id of the slice's last person; None when no full slice is left."""
    return session.scalar(
        select(Person.id)
        .where(within((event.expanded_to, None)), concerned(event))
        .order_by(Person.id)
        .offset(slice_size - 1)
        .limit(1)
    )


def _is_current(session: Session, event: Event) -> bool:
    return bool(
        session.scalar(select(subject_exists(event.app_id, event.record_id, event.comment_id)))
    )


def _advance(session: Session, event: Event, span: Span, is_over: bool) -> bool:
    """Moves the event's position, unless another worker has: then the slice is theirs."""
    first, last = span
    moved = session.connection().execute(
        update(_table(Event))
        .where(Event.id == event.id, Event.expanded_to == first, Event.expanded_at.is_(None))
        .values(
            expanded_to=first if last is None else last,
            expanded_at=clock.now() if is_over else None,
        )
    )
    return moved.rowcount == 1


def _expand(session: Session, event: Event, span: Span) -> None:
    decided = insert(_table(Notification)).from_select([*_DECIDED], decisions(event, span))
    notified = _written(session, decided)
    summarised = fill_summaries(session)
    mailed = _post(session, event, span, clock.now())
    session.connection().execute(
        update(_table(Event))
        .where(Event.id == event.id)
        .values(
            notified=Event.notified + notified,
            mailed=Event.mailed + mailed,
            summarised=Event.summarised + summarised,
        )
    )


def _written(session: Session, statement: Insert) -> int:
    # Otherwise psycopg's count of an INSERT is gone with its cursor, and reads -1.
    keep = {"preserve_rowcount": True}
    return session.connection().execute(statement, execution_options=keep).rowcount


def _post(session: Session, event: Event, span: Span, now: datetime) -> int:
    """One delivery for each notification of the slice that has to go by itself; how many."""
    values = {
        "event_id": literal(event.id, Id),
        "person_id": Person.id,
        "because": Notification.because,
        "kind": literal(event.kind),
        "state": literal(State.QUEUED.value),
        "priority": literal(Priority.NOTIFICATION),
        "address": Person.email,
        "name": Person.name,
        "created_at": literal(now, UtcTime),
        "due_at": literal(now, UtcTime),
    }
    unskipped = (
        select(*values.values())
        .join_from(Notification, Person, Person.id == Notification.person_id)
        .where(Notification.event_id == event.id, *_is_mailed_at_once(), within(span))
        .order_by(Person.id)
    )
    return _written(session, insert(_table(Delivery)).from_select(list(values), unskipped))


def _is_mailed_at_once() -> tuple[ColumnElement[bool], ...]:
    return Notification.skip.is_(None), Notification.summary_id.is_(None)
