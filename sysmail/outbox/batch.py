"""From claimed deliveries to jobs for the courier: composed, or ended where that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Direct, DomainWait, PasswordNeeded, leave_probe
from sysmail.config import Config
from sysmail.outbox import points
from sysmail.outbox.delivery import State
from sysmail.outbox.job import Job, Way
from sysmail.outbox.journal import Journal
from sysmail.outbox.prepared import (
    CannotCompose,
    Claimed,
    Composer,
    Later,
    Outcome,
    Prepared,
    Withdrawn,
)
from sysmail.outbox.quiet import put_off
from sysmail.outbox.settle import blame, claimed, fail_unsent, hand_back
from sysmail.smtp import Kind, Phase, Trouble


@dataclass(frozen=True)
class Batch:
    """What one claim took, and the way it goes. `probing`: the account is paused and this finds
    out whether it works again, by logging in alone when it `is_bare`."""

    claims: list[Claimed]
    way: Way | PasswordNeeded
    version: int
    probing: bool = False
    is_bare: bool = False


def jobs_of(
    session: Session, config: Config, composer: Composer, journal: Journal, batch: Batch
) -> list[Job]:
    """The jobs to carry; what cannot go is ended, or goes back, in the caller's transaction."""
    way = batch.way
    if isinstance(way, PasswordNeeded):
        for found in batch.claims:
            fail_unsent(session, config, found, way.trouble, batch.version)
        if batch.is_bare:
            blame(session, config, way.trouble, batch.version)
        return []
    if batch.is_bare:
        return [Job(0, token_hex(16), way, batch.version, "", None, probe=True)]
    waits = _waits(session) if isinstance(way, Direct) else {}
    now = clock.now()
    jobs = []
    made = _compose(session, composer, journal, batch.claims)
    put_off(session, composer, batch.claims, made)
    for found, outcome in zip(batch.claims, made, strict=True):
        if isinstance(outcome, Later):
            continue
        if not isinstance(outcome, Prepared) or not _keeps_its_bytes(found, outcome):
            _end_unsent(session, config, found, outcome, batch.version)
            continue
        domain = outcome.built.envelope_to.rpartition("@")[2]
        until = waits.get(domain)
        if until is not None and until > now and found.kind != "test":
            hand_back(session, found, until)
            continue
        token, built = found.claim_token, outcome.built
        jobs.append(Job(found.id, token, way, batch.version, domain, built, batch.probing))
    if batch.probing and not jobs:
        leave_probe(session, now)
    return jobs


def _waits(session: Session) -> dict[str, datetime]:
    return {wait.domain: wait.until for wait in session.scalars(select(DomainWait))}


def _compose(
    session: Session, composer: Composer, journal: Journal, claims: list[Claimed]
) -> list[Outcome]:
    """Noted in the journal, so that a mail which kills whoever composes it is found out."""
    points.reached("before_compose")
    journal.composing(found.id for found in claims)
    made = composer.prepare(session, claims)
    journal.composed()
    points.reached("after_compose")
    return made


def _end_unsent(
    session: Session,
    config: Config,
    found: Claimed,
    made: Prepared | Withdrawn | CannotCompose,
    version: int,
) -> None:
    if isinstance(made, CannotCompose):
        kind = Kind.PASSWORD_NEEDED if made.for_now else Kind.CANNOT_COMPOSE
        trouble = Trouble(Phase.LOCAL, kind, detail=made.detail)
        fail_unsent(session, config, found, trouble, version)
        return
    delivery = claimed(session, found.id, found.claim_token)
    if delivery is None:
        return
    if isinstance(made, Withdrawn):
        delivery.reason = made.reason
        delivery.end(State.WITHDRAWN, clock.now())
    else:
        delivery.rest(config.uncertain_tries)


def _keeps_its_bytes(found: Claimed, made: Prepared) -> bool:
    """After a dot without an answer only an equal copy may follow."""
    return found.uncertain_tries == 0 or found.sha256 in (None, made.built.sha256)
