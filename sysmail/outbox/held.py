"""Held mail: what a restore brought back waits here until an administrator decides."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, func, insert, literal, null, select
from sqlalchemy import update as update_of
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.audit import Actor, record
from sysmail.db import UtcTime
from sysmail.outbox.delivery import ATTEMPTS, DELIVERIES, Delivery, State
from sysmail.outbox.resend import end_resends

_UNSENT = (State.QUEUED, State.SENDING, State.UNCERTAIN)


def held() -> Select[Delivery]:
    """Every held delivery, newest first by id."""
    return select(Delivery).where(*_is_held(None)).order_by(Delivery.id.desc())


def held_count(session: Session, delivery_id: int | None = None) -> int:
    """How many are held: all, or whether one is."""
    return _count(session, *_is_held(delivery_id))


def held_in_doubt(session: Session, delivery_id: int | None = None) -> int:
    """Those of the held that a mail server may already have taken."""
    return _count(session, *_is_held(delivery_id), Delivery.uncertain_tries > 0)


def any_held(session: Session) -> bool:
    """Whether anything waits for an administrator."""
    return session.scalar(select(Delivery.id).where(*_is_held(None)).limit(1)) is not None


def hold_unsent(session: Session, event_id: int | None = None) -> int:
    """Makes queued, and holds, what was queued, sending or uncertain; of one event or all.

    What was being sent may have been accepted: that try is recorded as uncertain.
    """
    of_it = [Delivery.event_id == event_id] if event_id is not None else []
    _doubt_sending(session, of_it)
    end_resends(session)
    unsent = update_of(DELIVERIES).where(Delivery.state.in_(_UNSENT), *of_it)
    return _changed(
        session,
        unsent.values(state=State.QUEUED.value, held=True, claim_token=null(), worker_id=null()),
    )


def release(session: Session, actor: Actor, delivery_id: int | None = None) -> int:
    """Lets one held delivery, or all, go now; how many there were."""
    freed = update_of(DELIVERIES).where(*_is_held(delivery_id))
    count = _changed(session, freed.values(held=False, due_at=clock.now()))
    return _told(session, "held_mail_released", actor, count, delivery_id)


def drop(session: Session, actor: Actor, delivery_id: int | None = None) -> int:
    """Withdraws one held delivery, or all, with the reason "dropped"; how many there were."""
    dropped = update_of(DELIVERIES).where(*_is_held(delivery_id))
    values = {"state": State.WITHDRAWN.value, "reason": "dropped", "settled_at": clock.now()}
    count = _changed(session, dropped.values(**values, held=False, snapshot=null()))
    return _told(session, "held_mail_dropped", actor, count, delivery_id)


def _is_held(delivery_id: int | None) -> list[ColumnElement[bool]]:
    conditions = [Delivery.held.is_(True), Delivery.state == State.QUEUED]
    return conditions if delivery_id is None else [*conditions, Delivery.id == delivery_id]


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(Delivery.id)).where(*conditions)) or 0


def _doubt_sending(session: Session, of_it: list[ColumnElement[bool]]) -> None:
    now, cause = clock.now(), "no_answer_after_data"
    sending = [Delivery.state == State.SENDING, *of_it]
    tried = {
        "delivery_id": Delivery.id,
        "at": literal(now, UtcTime),
        "outcome": literal("uncertain"),
        "scope": literal("message"),
        "phase": literal("dot"),
        "cause": literal(cause),
        "sha256": Delivery.sha256,
    }
    rows = select(*tried.values()).where(*sending)
    session.execute(insert(ATTEMPTS).from_select(list(tried), rows))
    doubted = update_of(DELIVERIES).where(*sending)
    tries = Delivery.uncertain_tries + 1
    session.execute(doubted.values(uncertain_tries=tries, cause=cause, trouble_at=now))


def _changed(session: Session, statement: Any) -> int:
    result: CursorResult[Any] = session.execute(statement)  # type: ignore[assignment]
    session.expire_all()
    return result.rowcount


def _told(session: Session, action: str, actor: Actor, count: int, delivery_id: int | None) -> int:
    if count:
        record(session, action, actor, {"count": count, "delivery": delivery_id})
    return count
