"""Dispatch: from due deliveries to jobs for the courier, and from its results to the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import (
    DomainWait,
    Health,
    PasswordNeeded,
    blocked,
    current,
    health,
    probe_due,
    route,
    tries_alone,
)
from sysmail.config import Config
from sysmail.db import db
from sysmail.mime import Built
from sysmail.outbox import settle as settling
from sysmail.outbox.claim import Claimant, claim, mark_uncertain
from sysmail.outbox.courier import Courier, Job, Result, Route
from sysmail.outbox.delivery import Delivery, State
from sysmail.outbox.prepared import CannotCompose, Composer, Withdrawn
from sysmail.smtp import Deadlines, Kind, Phase, Scope, Trouble
from sysmail.vault import Vault

_AHEAD = 4


class Dispatcher:
    """What one worker has under way. Its methods commit by themselves."""

    def __init__(
        self,
        config: Config,
        vault: Vault,
        composer: Composer,
        claimant: Claimant,
        may_end: Callable[[], bool],
        deadlines: Deadlines | None = None,
    ) -> None:
        self._config = config
        self._vault = vault
        self._composer = composer
        self._claimant = claimant
        self._courier = Courier(config.delivery_connections, may_end, deadlines)
        self._results: list[Result] = []
        self._proven: int | None = None

    def is_idle(self) -> bool:
        return not self._results and self._courier.in_flight == 0

    def wait(self, seconds: float) -> bool:
        """Waits for results; whether there are any to settle."""
        self._results += self._courier.collect(seconds)
        return bool(self._results)

    def settle(self) -> bool:
        """Writes what came back. On a database failure the results are kept for the next try."""
        self.wait(0)
        if not self._results:
            return False
        for result in self._results:
            verdict = settling.settle(db.session(), self._config, result)
            if verdict is not None:
                trusted = verdict.scope is Scope.MESSAGE
                self._proven = result.job.version if trusted else None
        db.session.commit()
        self._results = []
        return True

    def dispatch(self) -> bool:
        """Claims what may go now and hands it to the courier; whether anything was claimed."""
        session = db.session()
        account, state = current(session), health(session)
        way = route(account, self._config, self._vault)
        probing = probe_due(state, clock.now())
        limit = self._limit(state, account.version, probing)
        if limit <= 0:
            return False
        tests_only = blocked(state, clock.now()) and not probing
        found = claim(session, self._claimant, self._composer.objection, limit, tests_only)
        claims = found.deliveries
        if isinstance(way, PasswordNeeded):
            return self._refuse(session, claims, account.version)
        jobs = self._jobs(session, claims, way, account.version)
        if probing:
            jobs = [replace(job, probe=True) for job in jobs]
        if probing and not found.seen:
            jobs = [Job(0, "", way, account.version, "", None, probe=True)]
        session.commit()
        for job in jobs:
            self._courier.carry(job)
        return bool(jobs or found.seen)

    def take_back(self) -> bool:
        """Returns what no connection has begun; certainly nobody has seen it."""
        jobs = self._courier.take_back()
        for job in jobs:
            delivery = settling.claimed(db.session(), job.delivery_id, job.token)
            if delivery is not None:
                delivery.wait(delivery.due_at)
        db.session.commit()
        return bool(jobs)

    def abandon(self) -> bool:
        """The end: no more dots, and what is still under way is uncertain."""
        self._courier.refuse_dots()
        left = db.session.scalars(
            select(Delivery).where(
                Delivery.worker_id == self._claimant.worker_id, Delivery.state == State.SENDING
            )
        ).all()
        for delivery in left:
            mark_uncertain(db.session(), delivery, clock.now() + self._config.uncertain_wait)
        db.session.commit()
        self._courier.close()
        return bool(left)

    def _limit(self, state: Health, version: int, probing: bool) -> int:
        """One at a time until the account is known to work, then a few ahead of each thread."""
        alone = probing or tries_alone(state) or self._proven != version
        ahead = 1 if alone else self._config.delivery_connections * _AHEAD
        return ahead - self._courier.in_flight

    def _refuse(self, session: Session, claims: list[Delivery], version: int) -> bool:
        """The stored password fits other settings: no server is asked."""
        trouble = Trouble(Phase.LOCAL, Kind.PASSWORD_NEEDED)
        for delivery in claims:
            settling.fail_unsent(session, self._config, delivery, trouble, version)
        session.commit()
        return bool(claims)

    def _jobs(
        self, session: Session, claims: list[Delivery], way: Route, version: int
    ) -> list[Job]:
        waits = {wait.domain: wait.until for wait in session.scalars(select(DomainWait))}
        jobs = []
        for delivery in claims:
            token = delivery.claim_token or ""
            built = self._compose(session, delivery, version)
            if built is None:
                continue
            domain = built.envelope_to.rpartition("@")[2]
            until = waits.get(domain)
            if until is not None and until > clock.now() and delivery.kind != "test":
                delivery.wait(until)
                continue
            jobs.append(Job(delivery.id, token, way, version, domain, built))
        return jobs

    def _compose(self, session: Session, delivery: Delivery, version: int) -> Built | None:
        """The bytes, with what shapes them kept on the delivery; or the delivery is settled."""
        made = self._composer.prepare(session, delivery)
        if isinstance(made, Withdrawn):
            delivery.reason = made.reason
            delivery.end(State.WITHDRAWN, clock.now())
            return None
        if isinstance(made, CannotCompose):
            trouble = Trouble(Phase.LOCAL, Kind.CANNOT_COMPOSE, detail=made.detail)
            settling.fail_unsent(session, self._config, delivery, trouble, version)
            return None
        if delivery.uncertain_tries and delivery.sha256 not in (None, made.built.sha256):
            self._rest(delivery)
            return None
        delivery.address, delivery.name = made.address, made.name
        delivery.shape, delivery.sha256 = made.shape, made.built.sha256
        return made.built

    def _rest(self, delivery: Delivery) -> None:
        """Only an equal copy may follow a dot without an answer: this one cannot be made."""
        delivery.state = State.UNCERTAIN
        delivery.uncertain_tries = max(delivery.uncertain_tries, self._config.uncertain_tries + 1)
        delivery.release()
