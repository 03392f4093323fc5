"""What a result means here: the verdict, read with what other recipient domains met."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import PAUSED, Incident, health
from sysmail.outbox.courier import Result
from sysmail.outbox.delivery import Attempt, Delivery
from sysmail.smtp import Klass, Mode, Scope, Trouble, Verdict, hint_minutes, judge

SENT = Verdict(Klass.SENT, Scope.MESSAGE, "")
_RECENT = timedelta(hours=1)
_LOOKED_AT, _ENOUGH = 1000, 20
# Under these names the first to meet a cause of the account noted it.
_NOTED_AS = {"port_25_blocked": ("port_25_blocked", "connection_timeout")}


def verdict_of(session: Session, result: Result) -> Verdict:
    """What one recipient's domain says of the account counts as that domain's or message's own
    until others have said it too: with an external server, at RCPT or after the dot, a second
    one within the hour and nothing accepted since; in direct mode three with different MX hosts
    and nothing accepted in that hour. The canary of a paused account needs no company."""
    if not isinstance(result.outcome, Trouble):
        return SENT
    verdict = judge(result.outcome, result.endpoint.mode)
    if verdict.everywhere is not None:
        is_ours = _is_known(session, result, verdict.everywhere) or _is_everywhere(
            session, result, verdict.everywhere
        )
        return verdict.everywhere if is_ours else verdict
    if verdict.alone is None or _is_known(session, result, verdict):
        return verdict
    return verdict if _met_elsewhere(session, result, verdict) else verdict.alone


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
        words=str(trouble.reply or trouble.detail),
        host=result.endpoint.host,
        recipient_domain=result.job.domain,
        version=result.job.version,
        hint=hint_of(result),
    )


def hint_of(result: Result) -> timedelta | None:
    """How long the server asks to wait ("try again in 5 minutes")."""
    reply = result.outcome.reply if result.outcome else None
    minutes = hint_minutes(reply) if reply and reply.is_negative() else None
    return timedelta(minutes=minutes) if minutes else None


def _is_known(session: Session, result: Result, verdict: Verdict) -> bool:
    """Whether this is what the account is paused for, met again by the mail that asks."""
    state = health(session)
    return result.job.probe and state.state == PAUSED and state.cause == verdict.cause


def _is_everywhere(session: Session, result: Result, verdict: Verdict) -> bool:
    since, accepted = clock.now() - _RECENT, health(session).last_accepted_at
    if accepted is not None and accepted > since:
        return False
    others = (
        select(Attempt.host, func.max(Delivery.address))
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(
            Attempt.id > select(func.max(Attempt.id)).scalar_subquery() - _LOOKED_AT,
            Attempt.mode == Mode.DIRECT.value,
            Attempt.cause.in_(_NOTED_AS.get(verdict.cause, (verdict.cause,))),
            Attempt.at > since,
            Attempt.host != result.endpoint.host,
            ~Delivery.address.endswith(f"@{result.job.domain}", autoescape=True),
        )
        .group_by(Attempt.host)
        .limit(_ENOUGH)
    )
    domains = {address.rpartition("@")[2].lower() for _host, address in session.execute(others)}
    return len(domains) >= 2


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
            ~Delivery.address.endswith(f"@{result.job.domain}", autoescape=True),
        )
    )
    return session.scalar(other.limit(1)) is not None
