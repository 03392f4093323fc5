"""Dispatch: from due deliveries to jobs for the courier, and from its results to the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sysmail import clock
from sysmail.account import (
    Health,
    TokenAwaited,
    begin_probe,
    blocked,
    current,
    goes_direct,
    health,
    probe_due,
    route,
    tries_alone,
)
from sysmail.config import Config
from sysmail.db import db
from sysmail.outbox import points
from sysmail.outbox.batch import Batch, jobs_of
from sysmail.outbox.claim import Claimant, claim
from sysmail.outbox.courier import Courier, Result
from sysmail.outbox.journal import Journal, journals, read
from sysmail.outbox.pacing import pace
from sysmail.outbox.prepared import Composer
from sysmail.outbox.settle import claims_of, hand_back, settle, tokens_of
from sysmail.outbox.sizing import Sizing
from sysmail.outbox.takeover import mark_uncertain
from sysmail.outbox.written import unwritten
from sysmail.smtp import Deadlines, Klass, Scope, Verdict
from sysmail.vault import Vault

_GATHERED, _GATHER_SECONDS = 128, 0.02
_LAST_SECONDS, _KNOWN_SECONDS = 1.0, 1.0


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
        self._tried_at: datetime | None = None
        self._sizing = Sizing()
        self._looked_at = 0.0
        self._in_doubt = False

    def is_idle(self) -> bool:
        return not self._results and self._courier.in_flight == 0

    def wait(self, seconds: float) -> bool:
        """Waits for results; whether there are any to settle."""
        self._results += self._courier.collect(seconds)
        return bool(self._results)

    def turn(self) -> bool:
        """Settles what came back and claims what may go now; once that is on disk, composes it
        and hands it to the courier. Whether there was anything to do. What a failing database
        did not take is kept for the next turn."""
        settled = self.finish()
        is_in_doubt, self._in_doubt = self._in_doubt, True
        batch = self._claim(is_in_doubt)
        _commit()
        if settled:
            self._journal.shorten(self._tokens)
        if batch is not None:
            batch = self._fixed(batch)
            jobs = jobs_of(db.session(), self._config, self._composer, self._journal, batch)
            db.session.commit()
            self._courier.carry(jobs)
        self._in_doubt = False
        return settled or batch is not None

    def _fixed(self, batch: Batch) -> Batch:
        """In a transaction of its own: composing takes long, and others want to write."""
        claims = self._composer.fix(db.session(), batch.claims)
        if claims is batch.claims:
            return batch
        db.session.commit()
        points.reached("after_fixing")
        return replace(batch, claims=list(claims))

    def finish(self) -> bool:
        """Settles what came back, and claims nothing more. In a transaction of its own: others
        that want to write wait for the longest."""
        self._gather()
        if self._tried_at is not None:
            self._results = unwritten(db.session(), self._results, self._tried_at)
        self._tried_at = self._tried_at or clock.now()
        settled = self._settle()
        if settled:
            _commit()
            self._results = []
        self._tried_at = None
        return settled

    def _gather(self) -> None:
        """Waits a moment for results to come in numbers: one transaction serves them all."""
        until = clock.monotonic() + _GATHER_SECONDS
        while self._courier.under_way and len(self._results) < _GATHERED:
            left = until - clock.monotonic()
            if left <= 0:
                break
            self.wait(left)
        self.wait(0)

    def _settle(self) -> bool:
        verdicts = settle(db.session(), self._config, self._results)
        accepted, refused = _heard(self._results, verdicts)
        if accepted or refused:
            self._composer.heard(db.session(), accepted, refused)
        for result, verdict in zip(self._results, verdicts, strict=True):
            if verdict is not None and self._courier.goes_by(result.job.version):
                self._sizing.learn(result.job.version, verdict)
        return bool(verdicts)

    def _claim(self, is_in_doubt: bool) -> Batch | None:
        """What is to be carried once the claim is committed; None where nothing was found.

        A turn that failed may have left claims of ours that nobody carries: they go back.
        """
        session = db.session()
        if is_in_doubt:
            for ours in claims_of(session, self._claimant.worker_id):
                if not self._courier.carries(ours.id, ours.claim_token):
                    ours.wait(clock.now())
        elif self._has_enough():
            return None
        account, state = current(session), health(session)
        self._looked_at = clock.monotonic()
        for job in self._courier.turn_to(account.version):
            hand_back(session, job, clock.now())
        probing = probe_due(state, clock.now())
        is_direct = goes_direct(account, self._config)
        pace(session, self._config, self._courier, state)
        limit = self._limit(state, None if is_direct else account.version, probing)
        if limit <= 0:
            return None
        way = route(account, self._config, self._vault)
        if isinstance(way, TokenAwaited):
            return None
        tests_only = blocked(state, clock.now()) and not probing
        is_idle = self._courier.trying == 0
        found = claim(session, self._claimant, self._composer, limit, tests_only, is_idle)
        self._sizing.note(found, limit)
        if not found.seen and (is_direct or not probing):
            return None
        if probing and not begin_probe(session, self._config, state, clock.now()):
            for claimed in found.deliveries:
                hand_back(session, claimed, claimed.due_at)
            return None
        return Batch(found.deliveries, way, account.version, probing, found.seen == 0)

    def leave(self) -> None:
        """What is claimed so far gets no dot any more, and keeps nothing else waiting."""
        self._in_doubt = bool(self._courier.leave()) or self._in_doubt

    def take_back(self) -> bool:
        """Returns what no connection has begun; certainly nobody has seen it."""
        jobs = self._courier.take_back()
        for job in jobs:
            hand_back(db.session(), job, clock.now())
        db.session.commit()
        return bool(jobs)

    def abandon(self) -> bool:
        """The end: no more dots, and what may have had one without an answer is uncertain."""
        self._courier.refuse_dots()
        until = clock.monotonic() + _LAST_SECONDS
        while self._courier.in_flight and clock.monotonic() < until:
            self.wait(0.05)
        self.finish()
        left = claims_of(db.session(), self._claimant.worker_id)
        known = read(journals(self._config), self._claimant.worker_id)
        for delivery in left:
            dotted = known is None or (delivery.id, delivery.claim_token) in known
            if dotted or self._courier.in_flight:
                mark_uncertain(db.session(), delivery, clock.now() + self._config.uncertain_wait)
            else:
                delivery.wait(clock.now())
        db.session.commit()
        self._courier.close()
        self._journal.close()
        return bool(left)

    def _tokens(self) -> set[str]:
        return tokens_of(db.session(), self._claimant.worker_id)

    def _has_enough(self) -> bool:
        """Whether the account was looked at just now, and enough goes well."""
        is_known = clock.monotonic() - self._looked_at < _KNOWN_SECONDS
        return is_known and self._sizing.is_enough(self._courier.moving)

    def _limit(self, state: Health, version: int | None, probing: bool) -> int:
        is_careful = probing or tries_alone(state)
        trying, moving = self._courier.trying, self._courier.moving
        return self._sizing.limit(version, is_careful, trying, moving)


def _heard(
    results: Sequence[Result], verdicts: Sequence[Verdict | None]
) -> tuple[list[int], list[int]]:
    accepted: list[int] = []
    refused: list[int] = []
    for result, verdict in zip(results, verdicts, strict=True):
        if verdict is not None and verdict.scope is Scope.MESSAGE:
            which = accepted if verdict.klass is Klass.SENT else refused
            which.append(result.job.delivery_id)
    return accepted, refused


def _commit() -> None:
    points.reached("before_commit")
    db.session.commit()
    points.reached("after_commit")
