"""Claims: who may try which delivery now. Zero rows means someone else has it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Executable,
    Integer,
    Row,
    Select,
    String,
    Text,
    bindparam,
    case,
    cast,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import UtcTime
from sysmail.outbox.delivery import CLAIMABLE, DELIVERIES, Priority, State
from sysmail.outbox.prepared import Claimed, Composer

_C = DELIVERIES.c
_ORDER = (_C.due_at, _C.id)
_NOW = bindparam("now", type_=UtcTime)
# A summary is long: fewer of them wait in memory for a connection.
_MOST_SUMMARIES = 32
# One second in so many begins with the last class, so that no lasting stream starves it; in
# another one nothing goes past what must go alone.
_TURN_SECONDS = 8


@dataclass(frozen=True)
class Claimant:
    """Who claims: the worker's id, and how often an uncertain delivery repeats by itself."""

    worker_id: str
    uncertain_tries: int


@dataclass(frozen=True)
class Claims:
    """What was claimed, and how many deliveries were looked at to get it. `alone`: it was in the
    hands of a worker when that died; nothing else goes until it is settled."""

    deliveries: list[Claimed]
    seen: int
    alone: bool = False


def claim(
    session: Session,
    claimant: Claimant,
    composer: Composer,
    limit: int,
    tests_only: bool = False,
    is_idle: bool = True,
) -> Claims:
    """Takes up to `limit` due deliveries; what is no longer wanted is withdrawn instead.

    Whether a mail goes is asked in the very statement that claims, which also writes what
    shapes its bytes. A delivery that was in the hands of a worker when it died goes alone, so
    that one bad mail cannot condemn its neighbours: only when `is_idle`, nothing being under way.
    Until then others go past it; now and then none do, so that something like a pause comes.
    """
    now = clock.now()
    connection, statements = session.connection(), _statements(claimant, composer)
    classes = (Priority.TEST,) if tests_only else _classes(now)
    first = _first(connection, statements, now, classes)
    goes_alone = first is not None and first.deaths > 0 and is_idle
    if first is None or (first.deaths and not goes_alone and _makes_room(now)):
        return Claims([], 0)
    values = {
        "now": now,
        "class": first.priority,
        "most": 1 if goes_alone else _most(first.priority, limit),
        "token": secrets.token_hex(16),
        **composer.shapes(session),
    }
    rows = connection.execute(statements.take_any if goes_alone else statements.take, values)
    found = list(rows)
    _withdraw(connection, [row[0] for row in found if row[-1] is not None], now)
    claimed = [Claimed(*row[:-1]) for row in found if row[-1] is None]
    claimed.sort(key=lambda one: (one.due_at, one.id))
    return Claims(claimed, len(found), alone=goes_alone)


def _classes(now: datetime) -> tuple[int, ...]:
    if now.second % _TURN_SECONDS == _TURN_SECONDS - 1:
        return (Priority.TEST, Priority.ACCOUNT, Priority.SUMMARY, Priority.NOTIFICATION)
    return Priority.ALL


def _makes_room(now: datetime) -> bool:
    return now.second % _TURN_SECONDS == 0


def _most(priority: int, limit: int) -> int:
    return min(limit, _MOST_SUMMARIES) if priority == Priority.SUMMARY else limit


@dataclass(frozen=True)
class _Statements:
    """Building them costs more than running them. `take` leaves alone what some worker died of."""

    first: CompoundSelect[int, int]
    take: Executable
    take_any: Executable


@lru_cache(maxsize=8)
def _statements(claimant: Claimant, composer: Composer) -> _Statements:
    firsts = [_first_of(claimant, priority).subquery() for priority in Priority.ALL]
    return _Statements(
        union_all(*(select(one.c.priority, one.c.deaths) for one in firsts)),
        _take(claimant, composer, [_C.deaths == 0]),
        _take(claimant, composer, []),
    )


def _first_of(claimant: Claimant, priority: int) -> Select[int, int]:
    first = select(_C.priority, _C.deaths).where(*_due(claimant, literal_column(str(priority))))
    return first.order_by(*_ORDER).limit(1)


def _first(
    connection: Connection, statements: _Statements, now: datetime, classes: tuple[int, ...]
) -> Row[int, int] | None:
    """Priority and deaths of what is due first. Asking class by class lets the index of what
    is due serve both the search and the order, however many wait."""
    found = {row.priority: row for row in connection.execute(statements.first, {"now": now})}
    return next((found[priority] for priority in classes if priority in found), None)


def _due(claimant: Claimant, priority: ColumnElement[int]) -> list[ColumnElement[bool]]:
    rests = or_(_C.uncertain_tries > claimant.uncertain_tries, _C.priority == Priority.TEST)
    return [
        _C.state.in_(CLAIMABLE),
        _C.priority == priority,
        _C.due_at <= _NOW,
        _C.held.is_(False),
        or_(_C.state == State.QUEUED.value, not_(rests)),
    ]


def _take(
    claimant: Claimant, composer: Composer, conditions: list[ColumnElement[bool]]
) -> Executable:
    ids = (
        select(_C.id)
        .where(*_due(claimant, bindparam("class", type_=Integer)), *conditions)
        .order_by(*_ORDER)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    # Inside an IN, PostgreSQL may look for due rows again and again, beyond the limit.
    chosen = ids.cte("chosen").prefix_with("MATERIALIZED")
    reason = case((_C.expires_at <= _NOW, literal("expired")), else_=composer.objection)
    return (
        update(DELIVERIES)
        # No further condition: SQLite would search by that instead, through all that wait.
        .where(_C.id.in_(select(chosen.c.id)))
        .values(
            state=State.SENDING.value,
            claim_token=bindparam("token", type_=String),
            worker_id=claimant.worker_id,
            claimed_at=_NOW,
            reason=reason,
            **_frozen(composer.shaping),
        )
        .returning(*map(_column, Claimed._fields), _C.reason)
    )


def _column(name: str) -> ColumnElement[Any]:
    return cast(_C.shape, Text).label("shape") if name == "shape" else _C[name]


def _frozen(shaping: Mapping[str, ColumnElement[Any]]) -> dict[str, ColumnElement[Any]]:
    """What shapes the bytes is written once, and kept while a copy may be out there."""
    fresh = _C.shape.is_(None)
    return {name: case((fresh, value), else_=_C[name]) for name, value in shaping.items()}


def _withdraw(connection: Connection, ids: list[int], now: datetime) -> None:
    if not ids:
        return
    connection.execute(
        update(DELIVERIES)
        .where(_C.id.in_(ids))
        .values(
            state=State.WITHDRAWN.value,
            claim_token=null(),
            worker_id=null(),
            snapshot=null(),
            settled_at=now,
        )
    )
