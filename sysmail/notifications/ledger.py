"""The ledger: what was promised on one side, where each promise stands on the other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from sysmail.events import Event
from sysmail.notifications.notification import Notification
from sysmail.notifications.summary import Summary, is_item
from sysmail.outbox import Attempt, Delivery, HistoryDay, Posted, State

_REMOVED = {
    State.SENT: HistoryDay.sent,
    State.FAILED: HistoryDay.failed,
    State.WITHDRAWN: HistoryDay.withdrawn,
}


@dataclass(frozen=True)
class Ledger:
    """Counts of notices, one per person and event; single mails count as one each.

    `notifications` comes from the counts that expansion and posting wrote, all others from
    rows and from the totals of removed ones, so `difference` is zero unless something was lost.
    `held` is part of `queued`.
    """

    notifications: int
    waiting: int
    queued: int
    held: int
    sending: int
    sent: int
    failed: int
    uncertain: int
    withdrawn: int
    skipped: int
    attempts_uncertain: int
    events_waiting: int

    @property
    def difference(self) -> int:
        placed = self.waiting + self.queued + self.sending + self.sent + self.failed
        return self.notifications - (placed + self.uncertain + self.withdrawn + self.skipped)

    def as_dict(self) -> dict[str, int]:
        return asdict(self) | {"difference": self.difference}


def ledger(session: Session) -> Ledger:
    """The counts as of now; one statement, so that no mail moves between two of them."""
    row = session.execute(
        select(
            _sum(Event.notified).label("on_events"),
            _sum(Posted.count).label("single"),
            _waiting().label("waiting"),
            *(_placed(state).label(state.value) for state in State),
            _mails(Delivery.held.is_(True), Delivery.state == State.QUEUED).label("held"),
            _count(Notification.skip.is_not(None)).label("skipped"),
            (_count(Attempt.outcome == "uncertain") + _sum(HistoryDay.uncertain_tries)).label(
                "attempts_uncertain"
            ),
            _count(Event.expanded_at.is_(None)).label("events_waiting"),
        )
    ).one()
    counts = dict(row._mapping)
    notifications = counts.pop("on_events") + counts.pop("single")
    return Ledger(notifications=notifications, **counts)


def _placed(state: State) -> Any:
    """What is in the state, and what has ended in it and is removed."""
    count = _mails(Delivery.state == state)
    if state is State.WITHDRAWN:
        count += _count(Notification.dropped.is_not(None))
    return count + _sum(_REMOVED[state]) if state in _REMOVED else count


def _mails(*conditions: ColumnElement[bool]) -> Any:
    """Each counts once, and a summary for all it tells."""
    told = func.coalesce(func.sum(Delivery.notices - 1), 0)
    summaries = select(told).where(Delivery.notices.is_not(None), *conditions)
    return _count(*conditions) + summaries.scalar_subquery()


def waiting_items() -> Select[int, datetime | None]:
    """What `waiting` counts: rows (id, due_at of the summary), UTC, None until that is known."""
    items = select(Notification.id, Summary.due_at).where(*is_item())
    filling = items.join(Summary, Summary.id == Notification.summary_id)
    return filling.where(Summary.posted_at.is_(None))


def _waiting() -> Any:
    return waiting_items().with_only_columns(func.count()).scalar_subquery()


def _sum(column: InstrumentedAttribute[int]) -> Any:
    return select(func.coalesce(func.sum(column), 0)).scalar_subquery()


def _count(*conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).where(*conditions).scalar_subquery()
