"""Sending many again: a row says which, and the worker goes through them in small slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, String, func, literal, null, select, tuple_
from sqlalchemy import update as update_of
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import clock
from sysmail.audit import Actor, record
from sysmail.db import Base, Id, UtcTime
from sysmail.outbox.delivery import DELIVERIES, Delivery, State
from sysmail.outbox.filters import Filters, in_trouble
from sysmail.outbox.history import is_retriable

RUNNING, DONE, CANCELLED = "running", "done", "cancelled"
OUTDATED = "outdated"
MOST_CHOSEN = 500
MOST_COUNTED = 100_000
SLICE = 100


class Resend(Base):
    """`chosen` are ids, None for all that fit `filters`. What was written before `drop_before`
    is withdrawn instead. `at_trouble` and `at_delivery` are the place of the last one done.
    `expected` fit when it was asked for; `passed_over` could not be sent again.
    """

    __tablename__ = "resend"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default=RUNNING, index=True)
    asked_by: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    chosen: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    drop_before: Mapped[datetime | None] = mapped_column(UtcTime)
    at_trouble: Mapped[datetime | None] = mapped_column(UtcTime)
    at_delivery: Mapped[int] = mapped_column(Id, default=0)
    expected: Mapped[int] = mapped_column(default=0)
    resent: Mapped[int] = mapped_column(default=0)
    dropped: Mapped[int] = mapped_column(default=0)
    passed_over: Mapped[int] = mapped_column(default=0)

    @property
    def is_running(self) -> bool:
        return self.state == RUNNING

    @property
    def finished(self) -> int:
        return self.resent + self.dropped + self.passed_over

    def end(self, state: str) -> None:
        self.state, self.ended_at = state, clock.now()


@dataclass(frozen=True)
class Which:
    """Deliveries in trouble: those with the ids `chosen`, or all that fit `filters`."""

    filters: Filters
    chosen: tuple[int, ...] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        if self.chosen is None:
            return in_trouble(self.filters)
        return [Delivery.trouble_at.is_not(None), Delivery.id.in_(self.chosen)]


@dataclass(frozen=True)
class Tally:
    """How many fit, can be sent again, may then arrive twice, and were written before each of
    the times asked for. All but `fitting` are counted among the newest MOST_COUNTED."""

    fitting: int
    retriable: int
    doubtful: int
    older: tuple[int, ...]

    @property
    def is_capped(self) -> bool:
        return self.fitting > MOST_COUNTED


def tally(session: Session, which: Which, times: Sequence[datetime]) -> Tally:
    """The counts as of now."""
    conditions, now = which.conditions(), clock.now()
    fitting = session.scalar(select(func.count(Delivery.id)).where(*conditions)) or 0
    doubt = (Delivery.uncertain_tries > 0) | (Delivery.state == State.UNCERTAIN)
    some = (
        select(is_retriable(now).label("fit"), doubt.label("doubt"), Delivery.created_at)
        .where(*conditions)
        .order_by(Delivery.trouble_at.desc(), Delivery.id.desc())
        .limit(MOST_COUNTED)
        .subquery()
    )
    older = [func.count().filter(some.c.created_at < literal(time, UtcTime)) for time in times]
    row = session.execute(
        select(func.count(), func.count().filter(some.c.doubt), *older).where(some.c.fit)
    ).one()
    return Tally(fitting, row[0], row[1], tuple(row[2:]))


def ask_resend(
    session: Session, actor: Actor, which: Which, drop_before: datetime | None = None
) -> Resend:
    """Has the worker send them again; one audit entry tells of all."""
    count = session.scalar(select(func.count(Delivery.id)).where(*which.conditions())) or 0
    asked = Resend(
        state=RUNNING,
        asked_by=actor.name[:200],
        asked_at=clock.now(),
        filters=which.filters.as_json(),
        chosen=None if which.chosen is None else list(which.chosen),
        drop_before=drop_before,
        expected=count,
    )
    session.add(asked)
    details = {name: value for name, value in which.filters.as_json().items() if value}
    record(session, "deliveries_retried", actor, {**details, "count": count})
    return asked


def cancel_resend(session: Session, resend_id: int) -> Resend | None:
    """Ends it where it is; what is due already goes. None where there is none."""
    found = session.get(Resend, resend_id, populate_existing=True, with_for_update=True)
    if found is not None and found.is_running:
        found.end(CANCELLED)
    return found


def running_resend(session: Session) -> Resend | None:
    """The latest that is not finished."""
    open_ones = select(Resend).where(Resend.state == RUNNING).order_by(Resend.id.desc())
    return session.scalars(open_ones.limit(1)).first()


def end_resends(session: Session) -> None:
    """After a restore nothing goes by itself."""
    session.execute(
        update_of(Resend)
        .where(Resend.state == RUNNING)
        .values(state=CANCELLED, ended_at=clock.now())
    )


def resend_slice(session: Session) -> bool:
    """Goes on with the oldest unfinished one; False when there is none.

    A slice is short, so that whoever writes meanwhile hardly waits. On PostgreSQL one that
    another worker is at is passed over.
    """
    oldest = select(Resend).where(Resend.state == RUNNING).order_by(Resend.id).limit(1)
    asked = session.scalars(oldest.with_for_update(skip_locked=True)).first()
    if asked is None:
        return False
    places = session.execute(_next(asked)).all()
    if places:
        _do(session, asked, [place.id for place in places])
        asked.at_trouble, asked.at_delivery = places[-1].trouble_at, places[-1].id
    if len(places) < SLICE:
        asked.end(DONE)
    return True


def _next(asked: Resend) -> Select[*tuple[Any, ...]]:
    """The next slice by (trouble_at, id): a retried one keeps its place, and one that fails
    again meanwhile lies behind the end."""
    chosen = None if asked.chosen is None else tuple(asked.chosen)
    which = Which(Filters.from_json(asked.filters), chosen)
    order = (Delivery.trouble_at, Delivery.id)
    query = select(Delivery.trouble_at, Delivery.id).where(
        *which.conditions(), Delivery.trouble_at <= asked.asked_at
    )
    if asked.at_trouble is not None:
        place = (literal(asked.at_trouble, UtcTime), literal(asked.at_delivery, Id))
        query = query.where(tuple_(*order) > tuple_(*place))
    return query.order_by(*order).limit(SLICE)


def _do(session: Session, asked: Resend, ids: list[int]) -> None:
    now = clock.now()
    these = update_of(DELIVERIES).where(DELIVERIES.c.id.in_(ids), is_retriable(now))
    dropped = 0
    if asked.drop_before is not None:
        drop = these.where(DELIVERIES.c.created_at < asked.drop_before).values(
            state=State.WITHDRAWN.value, reason=OUTDATED, settled_at=now, snapshot=null()
        )
        dropped = session.connection().execute(drop).rowcount
    again = these.values(state=State.QUEUED.value, due_at=now, tries=0, settled_at=None)
    resent = session.connection().execute(again).rowcount
    session.expire_all()
    asked.resent += resent
    asked.dropped += dropped
    asked.passed_over += len(ids) - resent - dropped
