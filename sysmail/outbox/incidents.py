"""Incidents: deliveries in trouble, gathered by their state and cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from sysmail.outbox.delivery import Delivery, State
from sysmail.outbox.filters import TROUBLED_STATES

FOLDED_FROM = 3
MOST_COUNTED = 10_000
_LOOKED_AT = 1_000
_WAITING = (State.QUEUED, State.UNCERTAIN)


@dataclass(frozen=True)
class Group:
    """All that have one state and cause. `count` stops at MOST_COUNTED; `since` is the oldest
    trouble, `due_at` the earliest next try among the first thousand, None where none waits.
    """

    state: str
    cause: str
    count: int
    since: datetime
    newest_id: int
    oldest_id: int
    due_at: datetime | None

    @property
    def is_incident(self) -> bool:
        return self.count >= FOLDED_FROM

    @property
    def is_capped(self) -> bool:
        """There are more than were counted."""
        return self.count >= MOST_COUNTED

    @property
    def shown_ids(self) -> set[int]:
        """The deliveries that stand for it: the newest, or both of a small one."""
        return {self.newest_id} if self.is_incident else {self.newest_id, self.oldest_id}


def groups(session: Session) -> Sequence[Group]:
    """Every state and cause of trouble. The cost grows with their number, not with that of
    deliveries: each step leaps to the next cause in the index."""
    found = session.execute(_statement()).all()
    return [Group(*row) for row in found]


@cache
def _statement() -> Select[*tuple[Any, ...]]:
    """Building it takes longer than running it."""
    causes = _causes()
    first, last = _edge(causes, newest=False), _edge(causes, newest=True)
    oldest, newest = aliased(Delivery), aliased(Delivery)
    waiting = causes.c.state.in_([state.value for state in _WAITING])
    due = select(func.min(_some(causes, Delivery.due_at, _LOOKED_AT).c.due_at)).scalar_subquery()
    return (
        select(
            causes.c.state,
            causes.c.cause,
            select(func.count()).select_from(_some(causes, Delivery.id)).scalar_subquery(),
            oldest.trouble_at,
            newest.id,
            oldest.id,
            case((waiting, due), else_=None),
        )
        .select_from(causes)
        .join(oldest, oldest.id == first)
        .join(newest, newest.id == last)
        .where(causes.c.cause.is_not(None))
    )


def _causes() -> CTE:
    states = union_all(*(select(literal(state.value).label("state")) for state in TROUBLED_STATES))
    state = states.subquery("known")
    found = select(state.c.state, _next_cause(state.c.state).label("cause")).cte(
        "found", recursive=True
    )
    further = select(found.c.state, _next_cause(found.c.state, found.c.cause)).where(
        found.c.cause.is_not(None)
    )
    return found.union_all(further)


def _next_cause(
    state: ColumnElement[str], after: ColumnElement[str] | None = None
) -> ColumnElement[Any]:
    one = aliased(Delivery)
    query = select(func.min(one.cause)).where(one.state == state, one.trouble_at.is_not(None))
    if after is not None:
        query = query.where(one.cause > after)
    return query.correlate(state.table).scalar_subquery()


def _of(causes: FromClause, one: Any) -> ColumnElement[bool]:
    return and_(
        one.state == causes.c.state, one.cause == causes.c.cause, one.trouble_at.is_not(None)
    )


def _edge(causes: FromClause, newest: bool) -> ColumnElement[Any]:
    one = aliased(Delivery)
    order = [key.desc() if newest else key.asc() for key in (one.trouble_at, one.id)]
    query = select(one.id).where(_of(causes, one)).order_by(*order).limit(1)
    return query.correlate(causes).scalar_subquery()


def _some(causes: FromClause, column: Any, most: int = MOST_COUNTED) -> Any:
    query = select(column).where(_of(causes, Delivery)).order_by(Delivery.trouble_at, Delivery.id)
    return query.limit(most).correlate(causes).subquery()
