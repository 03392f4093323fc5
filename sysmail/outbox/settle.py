"""Settling: what came of a try is written where the claim still holds, and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import (
    Incident,
    clear_domain,
    note_accepted,
    note_reached,
    note_trouble,
    probe_failed,
)
from sysmail.config import Config
from sysmail.outbox.claim import mark_uncertain
from sysmail.outbox.courier import Result
from sysmail.outbox.delivery import Attempt, Delivery, State
from sysmail.outbox.judged import SENT, attempt_of, incident_of, verdict_of
from sysmail.outbox.retry import Step, next_step
from sysmail.smtp import Kind, Klass, Mode, Scope, Trouble, Verdict, hint_minutes, judge


def settle(session: Session, config: Config, result: Result) -> Verdict | None:
    """Writes the attempt, the delivery's next state, and what it says of the account.

    None: nothing was learnt, since we dropped the try ourselves before its dot, or the claim
    was lost.
    """
    now = clock.now()
    if result.job.built is None:
        return _settle_login(session, config, result, now)
    delivery = claimed(session, result.job.delivery_id, result.job.token)
    if isinstance(result.outcome, Trouble) and result.outcome.kind is Kind.ABANDONED:
        if delivery is not None:
            delivery.wait(delivery.due_at)
        return None
    verdict = verdict_of(session, result)
    session.add(attempt_of(result, verdict, now))
    if delivery is None:
        _keep_evidence(session, config, result, verdict, now)
        return None
    _move(delivery, verdict, next_step(delivery, verdict, config, now, _hint(result)), now)
    _tell_account(session, config, result, verdict, now)
    return verdict


def fail_unsent(
    session: Session, config: Config, delivery: Delivery, trouble: Trouble, version: int
) -> None:
    """Ends or delays a claimed delivery for a reason of our own: no network was used."""
    now = clock.now()
    verdict = judge(trouble, Mode.EXTERNAL)
    klass, scope, phase = verdict.klass.value, verdict.scope.value, trouble.phase.value
    session.add(
        Attempt(
            delivery_id=delivery.id,
            at=now,
            outcome=klass,
            scope=scope,
            phase=phase,
            cause=verdict.cause,
            words=trouble.detail,
        )
    )
    _move(delivery, verdict, next_step(delivery, verdict, config, now), now)
    incident = Incident(klass, scope, verdict.cause, phase, trouble.detail, version=version)
    probe_failed(session, config, incident, now)
    note_trouble(session, config, incident, now)


def claimed(session: Session, delivery_id: int, token: str) -> Delivery | None:
    """The delivery, if the claim with this token still holds."""
    found = session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.claim_token == token)
        .execution_options(populate_existing=True)
        .with_for_update()
    )
    return found.one_or_none()


def _hint(result: Result) -> timedelta | None:
    reply = result.outcome.reply if result.outcome else None
    minutes = hint_minutes(reply) if reply and reply.is_negative() else None
    return timedelta(minutes=minutes) if minutes else None


def _move(delivery: Delivery, verdict: Verdict, step: Step, now: datetime) -> None:
    delivery.cause = verdict.cause or None
    delivery.trouble_at = None if step.state is State.SENT else now
    delivery.tries += int(step.charged)
    if step.state is State.UNCERTAIN:
        delivery.doubt(step.due_at)
    elif step.state is State.QUEUED:
        delivery.wait(step.due_at)
    else:
        delivery.end(step.state, now)


def _tell_account(
    session: Session, config: Config, result: Result, verdict: Verdict, now: datetime
) -> None:
    if result.mode is Mode.DIRECT and verdict.scope is not Scope.DOMAIN:
        clear_domain(session, result.job.domain)
    if verdict.klass is Klass.SENT:
        note_accepted(session, result.host, now)
    elif verdict.scope is not Scope.MESSAGE:
        tell = probe_failed if result.job.probe else note_trouble
        tell(session, config, incident_of(result, verdict), now)
    elif result.job.probe:
        note_reached(session, now)


def _settle_login(session: Session, config: Config, result: Result, now: datetime) -> Verdict:
    """What a probe learnt that only logged in."""
    verdict = verdict_of(session, result)
    if verdict is SENT:
        note_reached(session, now)
    else:
        probe_failed(session, config, incident_of(result, verdict), now)
    return verdict


def _keep_evidence(
    session: Session, config: Config, result: Result, verdict: Verdict, now: datetime
) -> None:
    """An outcome that comes after the claim was lost makes a waiting delivery uncertain."""
    delivery = session.get(Delivery, result.job.delivery_id, populate_existing=True)
    reached = verdict.klass in (Klass.SENT, Klass.UNCERTAIN)
    if delivery is not None and reached and delivery.state == State.QUEUED:
        mark_uncertain(session, delivery, now + config.uncertain_wait)
