"""Claims: who may try which delivery now. Zero rows means someone else has it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    literal,
    not_,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.outbox.delivery import CLAIMABLE, DELIVERIES, Delivery, Priority, State
from sysmail.outbox.prepared import Claimed, Composer

_ORDER = (Delivery.due_at, Delivery.id)


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
    """
    now = clock.now()
    classes = (Priority.TEST,) if tests_only else Priority.ALL
    first = _first(session, claimant, now, classes)
    if first is None or (first.deaths and not is_idle):
        return Claims([], 0)
    alive = [] if first.deaths else [Delivery.deaths == 0]
    limit = 1 if first.deaths else limit
    ids = (
        select(Delivery.id)
        .where(*_due(claimant, now, first.priority), *alive)
        .order_by(*_ORDER)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    # Inside an IN, PostgreSQL may look for due rows again and again, beyond the limit.
    chosen = ids.cte("chosen").prefix_with("MATERIALIZED")
    rows = _take(session, claimant, composer, select(chosen.c.id), now)
    unwanted = [row for row in rows if row[-1] is not None]
    _withdraw(session, [row[0] for row in unwanted], now)
    claimed = [Claimed(*row[:-1]) for row in rows if row[-1] is None]
    claimed.sort(key=lambda found: (found.due_at, found.id))
    return Claims(claimed, len(rows), alone=bool(first.deaths))


def _first(
    session: Session, claimant: Claimant, now: datetime, classes: tuple[int, ...]
) -> Row[int, int] | None:
    """Priority and deaths of what is due first. Asking class by class lets the index of what
    is due serve both the search and the order, however many wait."""
    for priority in classes:
        first = select(Delivery.priority, Delivery.deaths)
        first = first.where(*_due(claimant, now, priority)).order_by(*_ORDER).limit(1)
        if found := session.execute(first).one_or_none():
            return found
    return None


def _due(claimant: Claimant, now: datetime, priority: int) -> list[ColumnElement[bool]]:
    rests = or_(
        Delivery.uncertain_tries > claimant.uncertain_tries, Delivery.priority == Priority.TEST
    )
    return [
        Delivery.state.in_(CLAIMABLE),
        Delivery.priority == priority,
        Delivery.due_at <= now,
        Delivery.held.is_(False),
        or_(Delivery.state == State.QUEUED, not_(rests)),
    ]


def _take(
    session: Session,
    claimant: Claimant,
    composer: Composer,
    ids: Select[int],
    now: datetime,
) -> list[Any]:
    reason = case((Delivery.expires_at <= now, literal("expired")), else_=composer.objection)
    statement = (
        update(DELIVERIES)
        .where(Delivery.id.in_(ids), Delivery.state.in_(CLAIMABLE))
        .values(
            state=State.SENDING.value,
            claim_token=secrets.token_hex(16),
            worker_id=claimant.worker_id,
            claimed_at=now,
            reason=reason,
            **_frozen(composer.freeze(session)),
        )
        .returning(*(DELIVERIES.c[name] for name in Claimed._fields), DELIVERIES.c.reason)
    )
    return list(session.execute(statement))


def _frozen(shaping: Mapping[str, ColumnElement[Any]]) -> dict[str, ColumnElement[Any]]:
    """What shapes the bytes is written once, and kept while a copy may be out there."""
    fresh = Delivery.shape.is_(None)
    return {name: case((fresh, value), else_=DELIVERIES.c[name]) for name, value in shaping.items()}


def _withdraw(session: Session, ids: list[int], now: datetime) -> None:
    if not ids:
        return
    session.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.id.in_(ids))
        .values(
            state=State.WITHDRAWN.value,
            claim_token=null(),
            worker_id=null(),
            snapshot=null(),
            settled_at=now,
        )
    )
