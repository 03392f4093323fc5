"""Settling: what came of a try is written where the claim still holds, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import (
    Incident,
    accepts,
    clear_domain,
    current,
    health,
    leave_probe,
    note_accepted,
    note_reached,
    note_trouble,
    probe_failed,
)
from sysmail.config import Config
from sysmail.outbox.accepted import write_accepted
from sysmail.outbox.courier import Job, Result
from sysmail.outbox.delivery import Attempt, Delivery, State
from sysmail.outbox.judged import SENT, attempt_of, hint_of, incident_of, verdict_of
from sysmail.outbox.prepared import Claimed
from sysmail.outbox.retry import Step, next_step
from sysmail.outbox.takeover import mark_uncertain
from sysmail.smtp import (
    Accepted,
    Kind,
    Klass,
    Mode,
    Scope,
    Trouble,
    Verdict,
    judge,
)


def settle(session: Session, config: Config, results: Sequence[Result]) -> list[Verdict | None]:
    """Writes the attempts, the deliveries' next states, and what they say of the account.

    One verdict for each result; None where nothing was learnt, since we dropped the try
    ourselves before its dot, or the claim was lost.
    """
    verdicts: list[Verdict | None] = []
    accepted = [r for r in results if isinstance(r.outcome, Accepted) and r.job.built]
    _settle_accepted(session, config, accepted)
    for result in results:
        if isinstance(result.outcome, Accepted) and result.job.built:
            verdicts.append(SENT)
        else:
            verdicts.append(_settle_one(session, config, result))
    return verdicts


def fail_unsent(
    session: Session, config: Config, found: Claimed, trouble: Trouble, version: int
) -> None:
    """Ends or delays a claimed delivery for a reason of our own: no network was used."""
    delivery = claimed(session, found.id, found.claim_token)
    if delivery is None:
        return
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
    blame(session, config, trouble, version)


def blame(session: Session, config: Config, trouble: Trouble, version: int) -> None:
    """Tells the account what our own side met before any server was asked."""
    verdict, now = judge(trouble, Mode.EXTERNAL), clock.now()
    incident = Incident(
        verdict.klass.value,
        verdict.scope.value,
        verdict.cause,
        trouble.phase.value,
        trouble.detail,
        version=version,
    )
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


def claims_of(session: Session, worker_id: str) -> Sequence[Delivery]:
    """All that this worker has claimed, locked."""
    theirs = select(Delivery).where(
        Delivery.worker_id == worker_id, Delivery.state == State.SENDING
    )
    return session.scalars(theirs.with_for_update()).all()


def tokens_of(session: Session, worker_id: str) -> set[str]:
    """Those of all its claims."""
    theirs = select(Delivery.claim_token).where(
        Delivery.worker_id == worker_id, Delivery.state == State.SENDING
    )
    return {token for token in session.scalars(theirs.distinct()) if token}


def hand_back(session: Session, job: Job | Claimed, due_at: datetime) -> None:
    """Undoes a claim that certainly never reached a server."""
    delivery_id = job.delivery_id if isinstance(job, Job) else job.id
    token = job.token if isinstance(job, Job) else job.claim_token
    delivery = claimed(session, delivery_id, token)
    if delivery is not None:
        delivery.wait(due_at)


def _settle_accepted(session: Session, config: Config, results: list[Result]) -> None:
    if not results:
        return
    now = clock.now()
    # Read before the first write, which locks SQLite for everybody else.
    is_noted = accepts(health(session), results[-1].endpoint.host, now)
    if write_accepted(session.connection(), results, now) != len(results):
        for result in results:
            _keep_evidence(session, config, result.job, now)
    last = None if is_noted else _last_current(session, results)
    if last is not None:
        note_accepted(session, last.endpoint.host, now, encrypted=last.tls is not None)
    for result in results:
        if result.endpoint.mode is Mode.DIRECT:
            clear_domain(session, result.job.domain)
        _note_reached(session, result, now)


def _hash(result: Result) -> str | None:
    return result.job.built.sha256 if result.job.built else None


def _settle_one(session: Session, config: Config, result: Result) -> Verdict | None:
    now = clock.now()
    if result.job.built is None:
        return _settle_login(session, config, result, now)
    delivery = claimed(session, result.job.delivery_id, result.job.token)
    if isinstance(result.outcome, Trouble) and result.outcome.kind is Kind.ABANDONED:
        if delivery is not None:
            delivery.wait(delivery.due_at)
        return None
    verdict = verdict_of(session, result)
    session.add(Attempt(**attempt_of(result, verdict, now)))
    if delivery is None:
        if verdict.klass is Klass.UNCERTAIN:
            _keep_evidence(session, config, result.job, now)
        return None
    delivery.sha256 = _hash(result)
    _move(delivery, verdict, next_step(delivery, verdict, config, now, hint_of(result)), now)
    _tell_account(session, config, result, verdict, now)
    return verdict


def _move(delivery: Delivery, verdict: Verdict, step: Step, now: datetime) -> None:
    delivery.cause = verdict.cause or None
    delivery.trouble_at = None if step.state is State.SENT else now
    delivery.tries += int(step.charged)
    delivery.deaths = 0
    if step.state is State.UNCERTAIN:
        delivery.doubt(step.due_at)
    elif step.state is State.QUEUED:
        delivery.wait(step.due_at)
    else:
        delivery.end(step.state, now)


def _tell_account(
    session: Session, config: Config, result: Result, verdict: Verdict, now: datetime
) -> None:
    if result.endpoint.mode is Mode.DIRECT and verdict.scope is not Scope.DOMAIN:
        clear_domain(session, result.job.domain)
    if verdict.scope is Scope.MESSAGE:
        _note_reached(session, result, now)
        return
    incident = incident_of(result, verdict)
    if result.job.probe:
        probe_failed(session, config, incident, now)
    if not result.job.probe or verdict.scope is Scope.DOMAIN:
        note_trouble(session, config, incident, now)


def _settle_login(
    session: Session, config: Config, result: Result, now: datetime
) -> Verdict | None:
    """What a probe learnt that only logged in; one that nobody began is due again."""
    if isinstance(result.outcome, Trouble) and result.outcome.kind is Kind.ABANDONED:
        if _is_current(session, result):
            leave_probe(session, now)
        return None
    verdict = verdict_of(session, result)
    if verdict is SENT:
        _note_reached(session, result, now)
    else:
        probe_failed(session, config, incident_of(result, verdict), now)
    return verdict


def _note_reached(session: Session, result: Result, now: datetime) -> None:
    if result.job.probe and _is_current(session, result):
        note_reached(session, now)


def _last_current(session: Session, results: list[Result]) -> Result | None:
    """The last that went by the settings in force; they are asked for once, since others wait."""
    version = current(session).version
    return next((it for it in reversed(results) if it.job.version == version), None)


def _is_current(session: Session, result: Result) -> bool:
    """What went by settings that were replaced meanwhile proves nothing about those in force."""
    return current(session).version == result.job.version


def _keep_evidence(session: Session, config: Config, job: Job, now: datetime) -> None:
    """An outcome that comes after the claim was lost makes a waiting delivery uncertain."""
    delivery = session.get(Delivery, job.delivery_id, populate_existing=True)
    if delivery is not None and delivery.state == State.QUEUED:
        sha256 = job.built.sha256 if job.built else None
        mark_uncertain(session, delivery, now + config.uncertain_wait, sha256)
