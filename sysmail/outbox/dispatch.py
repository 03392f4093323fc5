"""Dispatch: from due deliveries to jobs for the courier, and from its results to the database."""

from __future__ import annotations

from collections.abc import Callable

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
from sysmail.outbox import points
from sysmail.outbox.claim import Claimant, Claims, claim
from sysmail.outbox.courier import Courier, Job, Result, Way
from sysmail.outbox.delivery import State
from sysmail.outbox.journal import Journal, journals
from sysmail.outbox.prepared import CannotCompose, Claimed, Composer, Outcome, Prepared, Withdrawn
from sysmail.outbox.settle import claimed, claims_of, fail_unsent, hand_back, settle
from sysmail.outbox.takeover import mark_uncertain
from sysmail.smtp import Deadlines, Kind, Phase, Scope, Trouble
from sysmail.vault import Vault

_SMALLEST, _LARGEST = 4, 128
_GATHERED, _GATHER_SECONDS = 64, 0.02
_LAST_SECONDS = 1.0


class Dispatcher:
    """What one worker has under way. Its methods commit by themselves."""

    def __init__(
        self,
        config: Config,
        vault: Vault,
        composer: Composer,
        claimant: Claimant,
        is_fresh: Callable[[], bool],
        deadlines: Deadlines | None = None,
        ring: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = config
        self._vault = vault
        self._composer = composer
        self._claimant = claimant
        self._journal = Journal(journals(config), claimant.worker_id)
        self._courier = Courier(
            config.delivery_connections, is_fresh, self._journal, deadlines, ring=ring
        )
        self._results: list[Result] = []
        self._proven: int | None = None
        self._batch = _SMALLEST
        self._alone = False
        self._in_doubt = False

    def is_idle(self) -> bool:
        return not self._results and self._courier.in_flight == 0

    def wait(self, seconds: float) -> bool:
        """Waits for results; whether there are any to settle."""
        self._results += self._courier.collect(seconds)
        return bool(self._results)

    def turn(self) -> bool:
        """Settles what came back, claims what may go now, and hands it to the courier once both
        are on disk; whether there was anything to do. What a failing database did not take is
        kept for the next turn."""
        self._gather()
        settled = self._settle()
        stays_in_doubt = self._in_doubt and self._courier.in_flight > 0
        jobs, seen = ([], 0) if stays_in_doubt else self._claim()
        self._in_doubt = True
        self._commit()
        self._in_doubt = stays_in_doubt
        if settled and self.is_idle():
            self._journal.all_settled()
        self._courier.carry(jobs)
        return bool(settled or jobs or seen)

    def finish(self) -> bool:
        """Settles what came back, and claims nothing more."""
        self._gather()
        settled = self._settle()
        self._commit()
        return settled

    def _commit(self) -> None:
        points.reached("before_commit")
        db.session.commit()
        self._results = []
        points.reached("after_commit")

    def _gather(self) -> None:
        """Waits a moment for results to come in numbers: one transaction serves them all."""
        until = clock.monotonic() + _GATHER_SECONDS
        while self._courier.in_flight and len(self._results) < _GATHERED:
            left = until - clock.monotonic()
            if left <= 0:
                break
            self.wait(left)
        self.wait(0)

    def _settle(self) -> bool:
        verdicts = settle(db.session(), self._config, self._results)
        for result, verdict in zip(self._results, verdicts, strict=True):
            if verdict is not None:
                trusted = verdict.scope is Scope.MESSAGE
                self._proven = result.job.version if trusted else None
        return bool(verdicts)

    def _claim(self) -> tuple[list[Job], int]:
        """Jobs to carry once the claim is committed, and how many deliveries were looked at.

        A commit whose answer was lost may have claimed what nobody carries: once nothing is
        under way, every claim of ours is such a one and goes back.
        """
        session = db.session()
        if self._in_doubt:
            for stray in claims_of(session, self._claimant.worker_id):
                stray.wait(clock.now())
        account, state = current(session), health(session)
        probing = probe_due(state, clock.now())
        limit = self._limit(state, account.version, probing)
        if limit <= 0:
            return [], 0
        way = route(account, self._config, self._vault)
        tests_only = blocked(state, clock.now()) and not probing
        is_idle = self._courier.in_flight == 0
        found = claim(session, self._claimant, self._composer, limit, tests_only, is_idle)
        self._batch, self._alone = self._next_batch(found, limit), found.alone
        if isinstance(way, PasswordNeeded):
            jobs = self._refuse(session, found.deliveries, account.version)
        elif probing and not found.seen:
            jobs = [Job(0, "", way, account.version, "", None, probe=True)]
        else:
            jobs = self._jobs(session, found.deliveries, way, account.version, probing)
        return jobs, found.seen

    def take_back(self) -> bool:
        """Returns what no connection has begun; certainly nobody has seen it."""
        jobs = self._courier.take_back()
        for job in jobs:
            hand_back(db.session(), job, clock.now())
        db.session.commit()
        return bool(jobs)

    def abandon(self) -> bool:
        """The end: no more dots, and what is still under way is uncertain."""
        self._courier.refuse_dots()
        until = clock.monotonic() + _LAST_SECONDS
        while self._courier.in_flight and clock.monotonic() < until:
            self.wait(0.05)
        self.finish()
        left = claims_of(db.session(), self._claimant.worker_id)
        for delivery in left:
            mark_uncertain(db.session(), delivery, clock.now() + self._config.uncertain_wait)
        db.session.commit()
        self._courier.close()
        self._journal.close()
        return bool(left)

    def _limit(self, state: Health, version: int, probing: bool) -> int:
        """One at a time until the account is known to work; then batches, the next one claimed
        when half of the last is done."""
        in_flight = self._courier.in_flight
        if probing or tries_alone(state) or self._proven != version or self._alone:
            return 1 - in_flight
        return self._batch if in_flight <= self._batch // 2 else 0

    def _next_batch(self, found: Claims, limit: int) -> int:
        """Batches grow with the backlog and shrink when it ends."""
        if found.seen >= limit >= self._batch:
            return min(self._batch * 2, _LARGEST)
        return max(_SMALLEST, self._batch // 2) if found.seen < limit else self._batch

    def _refuse(self, session: Session, claims: list[Claimed], version: int) -> list[Job]:
        """The stored password fits other settings: no server is asked."""
        trouble = Trouble(Phase.LOCAL, Kind.PASSWORD_NEEDED)
        for found in claims:
            fail_unsent(session, self._config, found, trouble, version)
        return []

    def _jobs(
        self, session: Session, claims: list[Claimed], way: Way, version: int, probing: bool
    ) -> list[Job]:
        waits = {wait.domain: wait.until for wait in session.scalars(select(DomainWait))}
        now = clock.now()
        jobs = []
        for found, made in zip(claims, self._compose(session, claims), strict=True):
            if not isinstance(made, Prepared) or not _keeps_its_bytes(found, made):
                self._end_unsent(session, found, made, version)
                continue
            domain = made.built.envelope_to.rpartition("@")[2]
            until = waits.get(domain)
            if until is not None and until > now and found.kind != "test":
                hand_back(session, found, until)
                continue
            token = found.claim_token
            jobs.append(Job(found.id, token, way, version, domain, made.built, probing))
        return jobs

    def _compose(self, session: Session, claims: list[Claimed]) -> list[Outcome]:
        """Noted in the journal, so that a mail which kills whoever composes it is found out."""
        points.reached("before_compose")
        self._journal.composing(found.id for found in claims)
        made = self._composer.prepare(session, claims)
        self._journal.composed()
        points.reached("after_compose")
        return made

    def _end_unsent(
        self,
        session: Session,
        found: Claimed,
        made: Prepared | Withdrawn | CannotCompose,
        version: int,
    ) -> None:
        if isinstance(made, CannotCompose):
            kind = Kind.PASSWORD_NEEDED if made.for_now else Kind.CANNOT_COMPOSE
            trouble = Trouble(Phase.LOCAL, kind, detail=made.detail)
            fail_unsent(session, self._config, found, trouble, version)
            return
        delivery = claimed(session, found.id, found.claim_token)
        if delivery is None:
            return
        if isinstance(made, Withdrawn):
            delivery.reason = made.reason
            delivery.end(State.WITHDRAWN, clock.now())
        else:
            delivery.rest(self._config.uncertain_tries)


def _keeps_its_bytes(found: Claimed, made: Prepared) -> bool:
    """After a dot without an answer only an equal copy may follow."""
    return found.uncertain_tries == 0 or found.sha256 in (None, made.built.sha256)
