"""What a result means here: the verdict, read with what other recipient domains met."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Incident
from sysmail.outbox.courier import Result
from sysmail.outbox.delivery import Attempt, Delivery
from sysmail.smtp import Klass, Scope, Trouble, Verdict, judge

SENT = Verdict(Klass.SENT, Scope.MESSAGE, "")
_RECENT = timedelta(hours=1)


def verdict_of(session: Session, result: Result) -> Verdict:
    """An account cause at RCPT or after the dot counts as the message's own until a second
    recipient domain has met it within the hour and nothing was accepted since."""
    if result.outcome is None:
        return SENT
    verdict = judge(result.outcome, result.mode)
    if verdict.alone is None or _met_elsewhere(session, result, verdict):
        return verdict
    return verdict.alone


def attempt_of(result: Result, verdict: Verdict, now: datetime) -> Attempt:
    """The row that tells this try."""
    outcome = result.outcome
    reply = outcome.reply if outcome else None
    trouble = outcome if isinstance(outcome, Trouble) else None
    return Attempt(
        delivery_id=result.job.delivery_id,
        at=now,
        outcome=verdict.klass.value,
        scope=verdict.scope.value,
        phase=trouble.phase.value if trouble else "dot",
        cause=verdict.cause or None,
        code=reply.code if reply else None,
        enhanced=reply.enhanced if reply else None,
        words=reply.words if reply else (trouble.detail if trouble else ""),
        host=result.host[:255],
        port=result.port,
        encryption=result.encryption,
        authenticated=result.authenticated,
        tls=result.tls,
        milliseconds=result.milliseconds,
        sha256=result.job.built.sha256 if result.job.built else None,
        transcript=result.transcript,
    )


def incident_of(result: Result, verdict: Verdict) -> Incident:
    """What the account learns from a try that met trouble."""
    trouble = result.outcome
    assert isinstance(trouble, Trouble)
    return Incident(
        klass=verdict.klass.value,
        scope=verdict.scope.value,
        cause=verdict.cause,
        phase=trouble.phase.value,
        words=trouble.reply.words if trouble.reply else trouble.detail,
        host=result.host,
        recipient_domain=result.job.domain,
        version=result.job.version,
    )


def _met_elsewhere(session: Session, result: Result, verdict: Verdict) -> bool:
    since = clock.now() - _RECENT
    last = session.scalar(
        select(Attempt.at).where(Attempt.outcome == "sent").order_by(Attempt.id.desc()).limit(1)
    )
    other = (
        select(Attempt.id)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(
            Attempt.cause == verdict.cause,
            Attempt.at > max(since, last or since),
            Delivery.address.not_like(f"%@{result.job.domain}"),
        )
    )
    return session.scalar(other.limit(1)) is not None
