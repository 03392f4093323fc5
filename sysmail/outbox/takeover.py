"""Taking over from dead workers: what their journal proves, and doubt where it proves nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.outbox.delivery import Attempt, Delivery, State, Worker
from sysmail.outbox.journal import Known, in_composition, read
from sysmail.outbox.worker_life import boot_id

_DEADLY = 3
_JUST_POSSIBLE = "the worker died before it could note the answer"


def take_over(session: Session, dead: str, folder: Path, uncertain_wait: timedelta) -> int:
    """Settles every claim of one dead worker and strikes it off; how many claims there were.

    Its journal tells how far each came: no dot, the claim never was; a reply, that counts; a
    dot without reply, uncertain. Without a journal, or from another boot, each is uncertain.
    Under suspicion is what was being composed, and what was the only claim: any other mail had
    been composed well before its worker died.
    """
    is_of_this_boot = dead.startswith(f"{boot_id()[:36]}:")
    journal = read(folder, dead) if is_of_this_boot else None
    suspects = in_composition(folder, dead) if is_of_this_boot else []
    claims = session.scalars(
        select(Delivery)
        .where(Delivery.worker_id == dead, Delivery.state == State.SENDING)
        .with_for_update()
    ).all()
    now = clock.now()
    for delivery in claims:
        if journal is None:
            mark_uncertain(session, delivery, now + uncertain_wait)
            continue
        known = journal.get((delivery.id, delivery.claim_token or ""))
        if known is None:
            delivery.wait(now)
            if delivery.id in suspects or len(claims) == 1:
                _suspect(session, delivery, now)
        else:
            _settle(session, delivery, known, now, uncertain_wait)
    session.execute(delete(Worker).where(Worker.id == dead))
    return len(claims)


def mark_uncertain(
    session: Session, delivery: Delivery, due_at: datetime, sha256: str | None = None
) -> None:
    """Records a try that nobody saw the end of."""
    now = clock.now()
    delivery.sha256 = sha256 or delivery.sha256
    delivery.doubt(due_at)
    delivery.cause = "no_answer_after_data"
    delivery.trouble_at = now
    attempt = _attempt(delivery, "uncertain", now)
    attempt.cause = delivery.cause
    session.add(attempt)


def _settle(
    session: Session,
    delivery: Delivery,
    known: Known,
    now: datetime,
    uncertain_wait: timedelta,
) -> None:
    if known.was_accepted:
        delivery.sha256 = known.sha256
        delivery.cause = delivery.trouble_at = None
        delivery.end(State.SENT, now)
        attempt = _attempt(delivery, "sent", now)
        attempt.code = known.code
        session.add(attempt)
    elif known.code is not None:
        delivery.wait(now)
    else:
        mark_uncertain(session, delivery, now + uncertain_wait, known.sha256)


def _suspect(session: Session, delivery: Delivery, now: datetime) -> None:
    """It may be what killed the worker: three times are proof enough."""
    delivery.deaths += 1
    if delivery.deaths < _DEADLY:
        return
    delivery.cause = "cannot_compose"
    delivery.trouble_at = now
    delivery.end(State.FAILED, now)
    attempt = _attempt(delivery, "permanent", now)
    attempt.phase, attempt.cause = "local", delivery.cause
    session.add(attempt)


def _attempt(delivery: Delivery, outcome: str, now: datetime) -> Attempt:
    return Attempt(
        delivery_id=delivery.id,
        at=now,
        outcome=outcome,
        scope="message",
        phase="dot",
        words=_JUST_POSSIBLE,
        sha256=delivery.sha256,
    )
