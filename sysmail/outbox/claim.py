"""Claims: who may try which delivery now. Zero rows means someone else has it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, delete, literal, null, or_, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.outbox.delivery import Attempt, Delivery, Priority, State, Worker


@dataclass(frozen=True)
class Claimant:
    """Who claims: the worker's id, and how often an uncertain delivery repeats by itself."""

    worker_id: str
    uncertain_tries: int


@dataclass(frozen=True)
class Claims:
    """What was claimed, and how many deliveries were looked at to get it."""

    deliveries: list[Delivery]
    seen: int


def claim(
    session: Session,
    claimant: Claimant,
    objection: ColumnElement[str | None],
    limit: int,
    tests_only: bool = False,
) -> Claims:
    """Takes up to `limit` due deliveries; what is no longer wanted is withdrawn instead.

    Whether a mail goes is asked in the very statement that claims.
    """
    now = clock.now()
    ids = session.scalars(
        select(Delivery.id)
        .where(*_is_due(claimant, now), *([Delivery.kind == "test"] if tests_only else []))
        .order_by(Delivery.priority, Delivery.due_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return Claims([], 0)
    token = secrets.token_hex(16)
    _take(session, list(ids), token, claimant, objection, now)
    claimed = session.scalars(
        select(Delivery)
        .where(Delivery.claim_token == token)
        .order_by(Delivery.priority, Delivery.due_at, Delivery.id)
        .execution_options(populate_existing=True)
    )
    return Claims(list(claimed), len(ids))


def has_due(session: Session, claimant: Claimant) -> bool:
    """Whether a claim would find anything, the account's health aside."""
    due = select(Delivery.id).where(*_is_due(claimant, clock.now())).limit(1)
    return session.scalar(due) is not None


def _is_due(claimant: Claimant, now: datetime) -> list[ColumnElement[bool]]:
    return [
        or_(
            Delivery.state == State.QUEUED,
            and_(
                Delivery.state == State.UNCERTAIN,
                Delivery.uncertain_tries <= claimant.uncertain_tries,
                Delivery.priority != Priority.TEST,
            ),
        ),
        Delivery.state.in_((State.QUEUED, State.UNCERTAIN)),
        Delivery.held.is_(False),
        Delivery.due_at <= now,
    ]


def _take(
    session: Session,
    ids: list[int],
    token: str,
    claimant: Claimant,
    objection: ColumnElement[str | None],
    now: datetime,
) -> None:
    reason = case((Delivery.expires_at <= now, literal("expired")), else_=objection)
    goes = reason.is_(None)
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state.in_((State.QUEUED, State.UNCERTAIN)))
        .values(
            state=case((goes, State.SENDING.value), else_=State.WITHDRAWN.value),
            reason=reason,
            claim_token=case((goes, token), else_=null()),
            worker_id=case((goes, claimant.worker_id), else_=null()),
            claimed_at=now,
            settled_at=case((goes, null()), else_=now),
            snapshot=case((goes, Delivery.snapshot), else_=null()),
        )
        .execution_options(synchronize_session=False)
    )


def take_over(session: Session, dead: list[str], due_at: datetime) -> int:
    """Makes what dead workers had claimed uncertain; how many there were.

    Without their journal nobody knows how far they came, so each may have been accepted.
    """
    claims = session.scalars(
        select(Delivery).where(Delivery.worker_id.in_(dead), Delivery.state == State.SENDING)
    ).all()
    for delivery in claims:
        mark_uncertain(session, delivery, due_at)
    session.execute(delete(Worker).where(Worker.id.in_(dead)))
    return len(claims)


def mark_uncertain(session: Session, delivery: Delivery, due_at: datetime) -> None:
    """Records a try that nobody saw the end of."""
    now = clock.now()
    delivery.doubt(due_at)
    delivery.cause = "no_answer_after_data"
    delivery.trouble_at = now
    session.add(
        Attempt(
            delivery_id=delivery.id,
            at=now,
            outcome="uncertain",
            scope="message",
            phase="dot",
            cause="no_answer_after_data",
            words="",
            sha256=delivery.sha256,
        )
    )
