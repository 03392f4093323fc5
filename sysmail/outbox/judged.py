"""What a result means here: the verdict, read with what other recipient domains met."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

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
    if not isinstance(result.outcome, Trouble):
        return SENT
    verdict = judge(result.outcome, result.endpoint.mode)
    if verdict.alone is None or _met_elsewhere(session, result, verdict):
        return verdict
    return verdict.alone


def attempt_of(result: Result, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """The row that tells this try."""
    job, outcome, endpoint = result.job, result.outcome, result.endpoint
    reply = outcome.reply if outcome else None
    trouble = outcome if isinstance(outcome, Trouble) else None
    return {
        "delivery_id": job.delivery_id,
        "at": now,
        "outcome": verdict.klass.value,
        "scope": verdict.scope.value,
        "phase": trouble.phase.value if trouble else "dot",
        "cause": verdict.cause or None,
        "code": reply.code if reply else None,
        "enhanced": reply.enhanced if reply else None,
        "words": reply.words if reply else (trouble.detail if trouble else ""),
        "host": endpoint.host[:255],
        "port": endpoint.port or None,
        "mode": endpoint.mode.value,
        "encryption": endpoint.encryption.value,
        "authenticated": endpoint.credentials is not None,
        "tls": result.tls,
        "milliseconds": result.milliseconds,
        "sha256": job.built.sha256 if job.built else None,
        "transcript": result.transcript,
    }


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
        host=result.endpoint.host,
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
