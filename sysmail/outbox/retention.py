"""How long the history is kept: what ended long ago is removed in small slices, and counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.audit import Actor, record
from sysmail.outbox.days import HistoryDay, add, by_day, day_of, locked_setting, setting
from sysmail.outbox.delivery import ATTEMPTS, DELIVERIES, Attempt, Delivery, State
from sysmail.outbox.unindexed import Unindexed

SHORTEST_KEPT, LONGEST_KEPT = 1, 3650
SLICE = 100
_ENDED = (State.SENT, State.FAILED, State.WITHDRAWN)
# A summary counts for all it told.
_ENDING = (
    DELIVERIES.c.settled_at,
    DELIVERIES.c.state,
    func.coalesce(DELIVERIES.c.notices, 1).label("told"),
)


@dataclass(frozen=True)
class Removed:
    """`last_id` is where to go on; None when nothing older is left. `count` were removed."""

    last_id: int | None
    count: int


def kept_days(session: Session) -> int:
    """How many days what has ended is kept."""
    return setting(session).kept_days


def keep_for(session: Session, days: int, actor: Actor) -> None:
    """Changes that. Raises ValueError outside of SHORTEST_KEPT to LONGEST_KEPT."""
    if not SHORTEST_KEPT <= days <= LONGEST_KEPT:
        raise ValueError(f"{days} days")
    row = locked_setting(session)
    if row.kept_days == days:
        return
    details = {"before": {"kept_days": row.kept_days}, "after": {"kept_days": days}}
    row.kept_days = days
    record(session, "history_retention_changed", actor, details)


def remove_old(session: Session, after: int) -> Removed:
    """Removes what has ended and is older than is kept, among the next deliveries by id.

    What still waits, is in doubt or held stays, however old. Tries go with their delivery;
    what is removed stands in the totals of its day, so that the ledger balances.
    """
    oldest_kept = _oldest_kept(session)
    upcoming = select(Delivery.id, Delivery.created_at).where(Delivery.id > after)
    rows = session.execute(upcoming.order_by(Delivery.id).limit(SLICE)).all()
    if all(created_at >= oldest_kept for _id, created_at in rows):
        return Removed(None, 0)
    count = _remove(session, after, rows[-1][0], oldest_kept)
    return Removed(rows[-1][0], count)


def _oldest_kept(session: Session) -> datetime:
    """Whole days go at once: the first moment (UTC) of the first day that is kept."""
    first: date = day_of(clock.now()) - timedelta(days=kept_days(session))
    return datetime.combine(first, time(), UTC)


def _remove(session: Session, after: int, upto: int, oldest_kept: datetime) -> int:
    old = (
        DELIVERIES.c.id > after,
        DELIVERIES.c.id <= upto,
        Unindexed(DELIVERIES.c.state).in_([state.value for state in _ENDED]),
        DELIVERIES.c.settled_at < oldest_kept,
    )
    doubts = (
        select(Delivery.settled_at, func.count())
        .join(Attempt, Attempt.delivery_id == Delivery.id)
        .where(*old, ATTEMPTS.c.outcome == "uncertain")
        .group_by(Delivery.settled_at)
    )
    doubted = [(day_of(at), number) for at, number in session.execute(doubts) if at]
    gone = session.execute(delete(DELIVERIES).where(*old).returning(*_ENDING)).all()
    counts = by_day((day_of(at), state) for at, state, told in gone for _ in range(told))
    for day, number in doubted:
        if day in counts:
            counts[day]["uncertain_tries"] += number
    add(session, counts)
    return len(gone)


def removed(session: Session) -> dict[str, int]:
    """What was removed, by state; `uncertain_tries` were theirs."""
    names = ("sent", "failed", "withdrawn", "uncertain_tries")
    sums = [func.coalesce(func.sum(getattr(HistoryDay, name)), 0) for name in names]
    row = session.execute(select(*sums)).one()
    return dict(zip(names, row, strict=True))
