"""After a change of the default, what waits for those who go by it comes by the new times."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import DomainWait
from sysmail.db import Id, UtcTime
from sysmail.notifications.posting import due_at
from sysmail.notifications.summary import Summary
from sysmail.outbox import CLAIMABLE, Delivery, Priority, State
from sysmail.preferences import (
    Choice,
    Preference,
    choices_of,
    default_choice,
    held_until,
    quiet_until,
)

log = logging.getLogger("sysmail.worker")

_LOOK_SECONDS = 1.0
_SLICE = 500
_CLASSES = (Priority.NOTIFICATION, Priority.SUMMARY)


@dataclass(frozen=True)
class Waiting:
    """How many summaries that fill, and mails that quiet hours hold, go by the default."""

    summaries: int
    mails: int


def waiting_by_default(session: Session) -> Waiting:
    """What a change of the default gives other times."""
    now = clock.now()
    summaries, mails = _summaries(now), _mails(now, _CLASSES)
    return Waiting(_count(session, summaries), _count(session, mails))


class Rescheduling:
    """A worker's own. Each turn is at most one short transaction, which the caller commits.

    It compares times and keeps no account of what it did: after a worker's death the next one
    looks at everything that waits again, and changes what is not right yet. So does it itself
    until it finds nothing more to move: a commit may have failed, or a row been locked.
    """

    def __init__(self) -> None:
        self._look_at = 0.0
        self._obeyed: tuple[Any, ...] = ()
        self._step: _Step | None = None
        self._moved = self._moved_now = 0

    def turn(self, session: Session) -> bool:
        """Moves a slice when it is time for it; whether there is more to look at."""
        if clock.monotonic() < self._look_at:
            return False
        default = astuple(default_choice(session))
        if default != self._obeyed:
            self._obeyed, self._step, self._moved, self._moved_now = default, _Step(), 0, 0
        if self._step is not None:
            self._step, moved = _take(session, self._step, clock.now())
            self._moved, self._moved_now = self._moved + moved, self._moved_now + moved
            if self._step is None and self._moved_now:
                self._step, self._moved_now = _Step(), 0
            elif self._step is None and self._moved:
                log.info("by the default %s summaries and mails come at another time", self._moved)
        if self._step is not None:
            return True
        self._look_at = clock.monotonic() + _LOOK_SECONDS
        return False


@dataclass(frozen=True)
class _Step:
    """Where the next slice begins: among the summaries after a person, or among the mails of a
    class after a due time and id."""

    person_id: int = 0
    priority: int | None = None
    mail: tuple[datetime, int] | None = None


def _take(session: Session, step: _Step, now: datetime) -> tuple[_Step | None, int]:
    """The next step, None after the last, and how much was moved."""
    if step.priority is None:
        return _retime(session, step, now)
    return _release(session, step, step.priority, now)


def _retime(session: Session, step: _Step, now: datetime) -> tuple[_Step | None, int]:
    """In the order of people, as whoever fills summaries locks them."""
    asked = _summaries(now).where(Summary.person_id > step.person_id)
    locked = asked.order_by(Summary.person_id).limit(_SLICE).with_for_update(of=Summary)
    rows = session.execute(locked).all()
    choices = choices_of(session, [row.person_id for row in rows])
    targets = {
        row.id: due
        for row in rows
        if (due := _due(choices[row.person_id], row.due_at, now)) != row.due_at
    }
    _move(session, Summary, targets)
    next_ = _Step(priority=_CLASSES[0]) if len(rows) < _SLICE else _Step(rows[-1].person_id)
    return next_, len(targets)


def _due(choice: Choice, due: datetime, now: datetime) -> datetime:
    """Who had it sent in quiet hours gets it at their end, whatever the choice says."""
    return due if due == quiet_until(choice, now) else due_at(choice, now)


def _release(
    session: Session, step: _Step, priority: int, now: datetime
) -> tuple[_Step | None, int]:
    asked = _mails(now, (priority,))
    if step.mail is not None:
        due, id_ = step.mail
        last = tuple_(literal(due, UtcTime), literal(id_, Id))
        asked = asked.where(tuple_(Delivery.due_at, Delivery.id) > last)
    in_turn = asked.order_by(Delivery.due_at, Delivery.id).limit(_SLICE)
    rows = session.execute(in_turn.with_for_update(of=Delivery, skip_locked=True)).all()
    quiet = held_until(session, [row.person_id for row in rows], now)
    targets = {row.id: due for row in rows if (due := quiet.get(row.person_id, now)) != row.due_at}
    _move(session, Delivery, targets)
    if len(rows) == _SLICE:
        return _Step(priority=priority, mail=(rows[-1].due_at, rows[-1].id)), len(targets)
    following = [later for later in _CLASSES if later > priority]
    return (_Step(priority=following[0]) if following else None), len(targets)


def _move(
    session: Session, model: type[Summary | Delivery], targets: Mapping[int, datetime]
) -> None:
    by_time: dict[datetime, list[int]] = {}
    for id_, due in targets.items():
        by_time.setdefault(due, []).append(id_)
    for due, ids in by_time.items():
        session.connection().execute(update(model).where(model.id.in_(ids)).values(due_at=due))
    session.expire_all()


def _summaries(now: datetime) -> Select[int, int, datetime | None]:
    asked = select(Summary.id, Summary.person_id, Summary.due_at)
    with_choice = asked.outerjoin(Preference, Preference.person_id == Summary.person_id)
    return with_choice.where(Summary.posted_at.is_(None), Summary.due_at > now, _by_default())


def _mails(now: datetime, classes: tuple[int, ...]) -> Select[int, int | None, datetime]:
    """What no server put off, and no domain: that is held by quiet hours."""
    asked = select(Delivery.id, Delivery.person_id, Delivery.due_at)
    with_choice = asked.outerjoin(Preference, Preference.person_id == Delivery.person_id)
    return with_choice.where(
        Delivery.state.in_(CLAIMABLE),
        Delivery.state == State.QUEUED.value,
        Delivery.priority.in_(classes),
        Delivery.due_at > now,
        Delivery.trouble_at.is_(None),
        Delivery.held.is_(False),
        Delivery.due_at.not_in(select(DomainWait.until)),
        _by_default(),
    )


def _by_default() -> ColumnElement[bool]:
    """Who never chose when, or by which clock."""
    return or_(Preference.frequency.is_(None), Preference.timezone.is_(None))


def _count(session: Session, what: Select[*tuple[Any, ...]]) -> int:
    return session.scalar(select(func.count()).select_from(what.subquery())) or 0
