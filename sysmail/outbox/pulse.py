"""The pulse of the queue: how deep it is, how late, and how fast it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.outbox.delivery import CLAIMABLE, Attempt, Delivery, Priority, State
from sysmail.outbox.held import held_count

_WINDOW = timedelta(minutes=5)
_FIRST_SPAN = 1024


@dataclass(frozen=True)
class Pulse:
    """`depth` counts what waits or is being sent, held mail aside; `oldest_due_at` is None when
    nothing is due. `accepted` counts the tries of the last five minutes that succeeded.
    """

    at: datetime
    depth: int
    oldest_due_at: datetime | None
    accepted: int

    @property
    def late_seconds(self) -> float:
        """How long the oldest due delivery has been due."""
        return (self.at - self.oldest_due_at).total_seconds() if self.oldest_due_at else 0.0

    @property
    def per_second(self) -> float:
        return self.accepted / _WINDOW.total_seconds()


def pulse(session: Session) -> Pulse:
    """The queue as it is now."""
    now = clock.now()
    under_way = Delivery.state.in_((State.QUEUED, State.SENDING))
    depth = select(func.count(Delivery.id)).where(under_way)
    return Pulse(
        at=now,
        depth=(session.scalar(depth) or 0) - held_count(session),
        oldest_due_at=_oldest_due(session, now),
        accepted=_accepted(session, now - _WINDOW),
    )


def attempts_by_outcome(session: Session) -> dict[str, int]:
    """All tries that are still on record, counted by outcome."""
    counted = select(Attempt.outcome, func.count().label("tries")).group_by(Attempt.outcome)
    return {row.outcome: row.tries for row in session.execute(counted)}


def _oldest_due(session: Session, now: datetime) -> datetime | None:
    """One row by the claim's own index for each priority, however many wait.

    The index is partial, and SQLite uses it only where the states stand in the statement itself.
    """
    first = [
        session.scalar(
            select(Delivery.due_at)
            .where(Delivery.state.in_(CLAIMABLE), Delivery.priority == priority)
            .where(Delivery.held.is_(False), Delivery.due_at <= now)
            .order_by(Delivery.due_at)
            .limit(1)
        )
        for priority in Priority.ALL
    ]
    return min((due for due in first if due), default=None)


def _accepted(session: Session, since: datetime) -> int:
    """Counted from the newest tries back, so that the history's length costs nothing."""
    newest = session.scalar(select(func.max(Attempt.id))) or 0
    span = _FIRST_SPAN
    while span < newest and _time_of(session, newest - span) >= since:
        span *= 2
    recent = [Attempt.id > newest - span, Attempt.at >= since, Attempt.outcome == "sent"]
    return session.scalar(select(func.count(Attempt.id)).where(*recent)) or 0


def _time_of(session: Session, attempt_id: int) -> datetime:
    """When the try of this id, or the last one before it, was made."""
    upto = select(Attempt.at).where(Attempt.id <= attempt_id)
    found = session.scalar(upto.order_by(Attempt.id.desc()).limit(1))
    return found or datetime.min.replace(tzinfo=clock.now().tzinfo)
