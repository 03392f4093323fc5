"""Posting summaries: when each is due, and the mail it becomes then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from sysmail import clock, preferences
from sysmail.db import UtcTime
from sysmail.notifications.notification import NOTIFICATIONS
from sysmail.notifications.recipients import DISABLED
from sysmail.notifications.summary import DIGEST, SUMMARIES, is_item
from sysmail.outbox import Delivery, Priority, State
from sysmail.people import Person
from sysmail.preferences import Choice

# A week, and a day for the zones: what is due later was computed by a wrong clock.
FARTHEST = timedelta(days=9)
# How a restore marks what was open, until it is held: no worker takes that for open.
GUARDED = datetime(1970, 1, 1, tzinfo=UTC)

_SLICE = 200
_S = SUMMARIES.c
_NOW = bindparam("now", type_=UtcTime)
_FAR = bindparam("far", type_=UtcTime)

# Asked at every turn of the worker, so built once; three looks at an index of what is open.
_TIMELESS = or_(_S.due_at.is_(None), _S.due_at > _FAR)
_ANY = select(
    *(
        select(_S.id).where(_S.posted_at.is_(None), condition).limit(1).scalar_subquery()
        for condition in (_S.due_at.is_(None), _S.due_at > _FAR, _S.due_at <= _NOW)
    )
)


def turn_summaries(session: Session) -> bool:
    """Sets due times or posts what is due, a slice of one of them; whether there was any.

    A slice is one transaction of the caller's: whoever is killed in the middle has done nothing.
    """
    now = clock.now()
    times = {"now": now, "far": now + FARTHEST}
    first = session.connection().execute(_ANY, times).one()
    if first[0] is not None or first[1] is not None:
        return _set_due_times(session, now)
    return first[2] is not None and bool(_post(session, _S.due_at <= now, now))


def hold_summaries(session: Session) -> bool:
    """Posts a slice of all that is open, due or not, as held mail; whether there was any."""
    return bool(_post(session, None, clock.now(), held=True))


def due_at(choice: Choice, now: datetime) -> datetime:
    """When a summary that fills now goes: by the choice, and never within quiet hours.

    Without summaries in the choice, what waits goes at once.
    """
    due = preferences.next_summary(choice, now) or now
    return preferences.quiet_until(choice, due) or due


def _set_due_times(session: Session, now: datetime) -> bool:
    timeless = or_(_S.due_at.is_(None), _S.due_at > now + FARTHEST)
    rows = _locked(session, select(_S.id, _S.person_id).where(_S.posted_at.is_(None), timeless))
    choices = preferences.choices_of(session, [row.person_id for row in rows])
    by_time: dict[datetime, list[int]] = {}
    for row in rows:
        by_time.setdefault(due_at(choices[row.person_id], now), []).append(row.id)
    for due, ids in by_time.items():
        session.connection().execute(update(SUMMARIES).where(_S.id.in_(ids)).values(due_at=due))
    return bool(rows)


def _post(
    session: Session, due: ColumnElement[bool] | None, now: datetime, held: bool = False
) -> int:
    """How many summaries are open no more."""
    is_open = _S.posted_at.is_(None)
    which = and_(is_open, due) if due is not None else or_(is_open, _S.posted_at == GUARDED)
    rows = _locked(session, select(_S.id, _S.person_id).where(which))
    if not rows:
        return 0
    told = _counts(session, [row.id for row in rows])
    people = _people(session, [row.person_id for row in rows if row.id in told])
    full = [row for row in rows if row.id in told and row.person_id in people]
    mails = _deliveries(session, full, people, told, now, held)
    session.connection().execute(
        update(SUMMARIES)
        .where(_S.id == bindparam("of"))
        .values(delivery_id=bindparam("mail"), posted_at=now),
        [{"of": row.id, "mail": mails.get(row.id)} for row in rows],
    )
    _drop_unowned(session, [row.id for row in rows if row.id in told and row.id not in mails])
    return len(rows)


def _locked(session: Session, statement: Select[int, int]) -> Sequence[Row[int, int]]:
    """What another worker is at is passed over."""
    slice_ = statement.order_by(_S.due_at, _S.id).limit(_SLICE)
    return session.connection().execute(slice_.with_for_update(skip_locked=True)).all()


def _counts(session: Session, ids: list[int]) -> dict[int, int]:
    """How many items each has, of those that have any."""
    column = NOTIFICATIONS.c.summary_id
    counted = select(column, func.count()).where(column.in_(ids), *is_item()).group_by(column)
    return {row[0]: row[1] for row in session.connection().execute(counted)}


def _people(session: Session, ids: list[int]) -> dict[int, Row[int, str, str]]:
    found = select(Person.id, Person.email, Person.name).where(Person.id.in_(ids))
    return {row.id: row for row in session.connection().execute(found)}


def _deliveries(
    session: Session,
    rows: Sequence[Row[int, int]],
    people: Mapping[int, Row[int, str, str]],
    told: Mapping[int, int],
    now: datetime,
    held: bool,
) -> dict[int, int]:
    """The mail of each summary, by the summary's id."""
    if not rows:
        return {}
    shared = {"kind": DIGEST, "state": State.QUEUED.value, "priority": Priority.SUMMARY}
    values = [
        {
            **shared,
            "person_id": row.person_id,
            "address": people[row.person_id].email,
            "name": people[row.person_id].name,
            "created_at": now,
            "due_at": now,
            "held": held,
            "notices": told[row.id],
        }
        for row in rows
    ]
    made = session.scalars(
        insert(Delivery).returning(Delivery.id, sort_by_parameter_order=True), values
    )
    return {row.id: mail for row, mail in zip(rows, made.all(), strict=True)}


def _drop_unowned(session: Session, ids: list[int]) -> None:
    if ids:
        column = NOTIFICATIONS.c.summary_id
        unowned = update(NOTIFICATIONS).where(column.in_(ids), *is_item())
        session.connection().execute(unowned.values(dropped=DISABLED))
