"""The worker: expands events, claims deliveries, has them carried, settles what came of it."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from typing import cast

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from sysmail import clock
from sysmail.account import (
    CONSENT_JOB,
    WATCH_JOB,
    TokenKeeper,
    ask_for_look,
    captured_folder,
    exchanging,
    provider_finder,
    watcher,
)
from sysmail.config import Config
from sysmail.db import db
from sysmail.diagnosis import CHECK, SENDER_JOB, checker, sender_handler
from sysmail.jobs import Handler, JobRunner
from sysmail.leaving import Clearing
from sysmail.notifications import Rescheduling, composer, expand_next, turn_summaries
from sysmail.outbox import (
    Claimant,
    Dispatcher,
    Heart,
    Housekeeping,
    Observer,
    forget,
    journals,
    own_id,
    points,
    pull_back,
    take_over,
    wake_for,
)
from sysmail.vault import Vault

log = logging.getLogger("sysmail.worker")

_SCAN_SECONDS = 5.0
_ASIDE_SECONDS = 0.1
_REST_SECONDS = 1.0
_GRACE = 30.0
_ORPHAN_GRACE = 4.0


class Worker:
    """One process, one loop. `run` returns after SIGTERM, the parent's death, or a drain."""

    def __init__(self, app: Flask, drain: bool = False) -> None:
        self._config = cast(Config, app.extensions["sysmail.config"])
        vault = cast(Vault, app.extensions["sysmail.vault"])
        self._app = app
        self._drain = drain
        self._vault = vault
        self._parent = os.getppid()
        self._stopping = False
        self._id = own_id()
        with app.app_context():
            self._heart = Heart(db.engine, self._id, self._config.lease_seconds)
            self._wake = wake_for(db.engine)
            sessions = sessionmaker(db.engine)
            self._jobs = JobRunner(sessions, vault, handlers(self._config, vault, sessions))
            self._tokens = TokenKeeper(sessions, vault, self._config)
        self._observer = Observer(self._id, self._config.lease_seconds)
        claimant = Claimant(self._id, self._config.uncertain_tries)
        self._dispatcher = Dispatcher(
            self._config,
            vault,
            composer(self._config, vault),
            claimant,
            self._heart.is_fresh,
            ring=self._wake.ring,
        )
        clearing = Clearing(vault, captured_folder(self._config))
        self._chores = (Housekeeping(), clearing, Rescheduling())
        self._scan_at = self._aside_at = 0.0
        self._refused = False

    def run(self) -> None:
        """Works until told to stop."""
        self._heart.beat()
        self._heart.start()
        self._jobs.start()
        self._tokens.start()
        log.info("worker %s started", self._id)
        busy = True
        while not self._is_over():
            # Asked first: what a helper brings while the turn is under way belongs to the next.
            helpers_rest = self._drain and not busy and self._safely(self._helpers_rest)
            busy = self._turn()
            if busy:
                self._wake.rise()
            if self._refused:
                self._pause()
            elif not busy:
                if helpers_rest and self._dispatcher.is_idle():
                    break
                self._wake.wait(_REST_SECONDS)
        self._wind_up()
        self._wake.close()
        log.info("worker %s ended", self._id)

    def stop(self, *_signal: object) -> None:
        self._stopping = True
        self._wake.ring()

    def _helpers_rest(self) -> bool:
        return self._jobs.is_idle() and self._tokens.is_idle()

    def _is_over(self) -> bool:
        return self._stopping or self._is_orphan()

    def _is_orphan(self) -> bool:
        return os.getppid() != self._parent

    def _turn(self) -> bool:
        """One round of everything; whether there was anything to do."""
        self._refused = False
        busy = self._take((self._scan, self._expand, self._deliver))
        if busy and clock.monotonic() < self._aside_at:
            return True
        self._aside_at = clock.monotonic() + _ASIDE_SECONDS
        return self._turn_aside() or busy

    def _turn_aside(self) -> bool:
        """What need not be looked for between any two batches of mail."""
        self._jobs.nudge()
        self._tokens.nudge()
        return self._take((self._summarise, self._keep_house))

    def _take(self, steps: Sequence[Callable[[], bool]]) -> bool:
        """Each of them; whether any had something to do."""
        did = [self._safely(step) for step in steps]
        return any(did)

    def _safely(self, step: Callable[[], bool]) -> bool:
        """A database or disk that refuses stops the work, not the worker: it goes on by itself."""
        with self._app.app_context():
            try:
                return step()
            except (SQLAlchemyError, OSError) as error:
                self._refused = True
                db.session.rollback()
                log.warning("database or disk refuses (%s); trying again", type(error).__name__)
                return False

    def _scan(self) -> bool:
        if clock.monotonic() < self._scan_at:
            return False
        self._scan_at = clock.monotonic() + _SCAN_SECONDS
        folder = journals(self._config)
        pull_back(db.session(), self._config)
        if not self._drain:
            ask_for_look(db.session(), self._vault, clock.now())
        db.session.commit()
        dead = self._observer.dead(db.session())
        for worker_id in dead:
            if not self._observer.strike_off(db.session(), worker_id):
                db.session.rollback()
                continue
            wait = self._config.uncertain_wait
            count = take_over(db.session(), worker_id, folder, wait)
            db.session.commit()
            forget(folder, worker_id)
            log.warning("took over %s deliveries of the dead worker %s", count, worker_id)
        return bool(dead)

    def _expand(self) -> bool:
        worked = expand_next(db.session())
        db.session.commit()
        points.reached("mid_expansion")
        return worked

    def _summarise(self) -> bool:
        worked = turn_summaries(db.session())
        if worked:
            points.reached("mid_posting")
        db.session.commit()
        if worked:
            points.reached("after_posting")
        return worked

    def _keep_house(self) -> bool:
        more = False
        for chore in self._chores:
            more = chore.turn(db.session()) or more
            db.session.commit()
        return more

    def _deliver(self) -> bool:
        """Claims nothing without a lease; a lost one is renewed when no claim of its time can get
        a dot any more."""
        if not self._heart.is_fresh():
            self._dispatcher.leave()
            if not self._heart.renew():
                self._refused = True
                return self._dispatcher.finish()
        return self._dispatcher.turn()

    def _pause(self) -> None:
        until = clock.monotonic() + _REST_SECONDS
        while clock.monotonic() < until and not self._is_over():
            self._dispatcher.wait(0.1)

    def _wind_up(self) -> None:
        """Finishes what is under way within the grace, then drops it and says so."""
        grace = _ORPHAN_GRACE if self._is_orphan() else _GRACE
        self._jobs.stop()
        self._tokens.stop()
        self._safely(self._dispatcher.take_back)
        until = clock.monotonic() + grace
        while clock.monotonic() < until and not self._dispatcher.is_idle():
            self._dispatcher.wait(0.05)
            self._safely(self._dispatcher.finish)
            if self._is_orphan():
                until = min(until, clock.monotonic() + _ORPHAN_GRACE)
        self._refused = False
        self._safely(self._dispatcher.abandon)
        if not self._refused:
            self._heart.stop()


def handlers(config: Config, vault: Vault, sessions: Callable[[], Session]) -> dict[str, Handler]:
    """Who does which kind of job."""
    return {
        CHECK: checker(config),
        CONSENT_JOB: exchanging(sessions, vault, config),
        SENDER_JOB: sender_handler(config),
        "provider": provider_finder(config.resolver),
        WATCH_JOB: watcher(sessions, vault, config),
    }


def main(app: Flask, drain: bool = False) -> None:
    """Runs a worker in this process until SIGTERM, SIGINT or SIGHUP."""
    worker = Worker(app, drain)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, worker.stop)
    worker.run()
