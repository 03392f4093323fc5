"""Workers in real processes of their own, which end at a named point or when a test says so.

    worker = WorkerProcess(settings, kill_at="before_dot:3")
    worker.await_end()

A server process imports everything once and forks the workers, so that one starts in a moment.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from sysmail import PAGES, create_app, db, worker
from sysmail import config as configuration
from sysmail.outbox import Claimed, Composer, Outcome, points, worker_life

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["tests.support.killpoints", "sysmail.cli", *(f"sysmail.web.{page}" for page in PAGES)]
)


class WorkerProcess:
    """`kill_at`: a point of sysmail.outbox.points and the how manieth time, like "before_dot:3";
    with `stop_only` it is not killed there but stopped. `poison`: composing a mail to this
    address ends the process. `is_hasty`: beats, lease and patience with locks are ten times as
    short. Output is added to `log`."""

    def __init__(
        self,
        environ: Mapping[str, str],
        drain: bool = False,
        kill_at: str = "",
        stop_only: bool = False,
        poison: str = "",
        is_hasty: bool = False,
        log: Path = Path(os.devnull),
    ) -> None:
        killer = Killer(kill_at, signal.SIGSTOP if stop_only else signal.SIGKILL)
        words = (dict(environ), drain, killer, poison, is_hasty, str(log))
        self._process = FORKS.Process(target=_work, args=words, daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Meanwhile it can write nothing to any file, as on a full disk."""
        kind, free = resource.RLIMIT_FSIZE, resource.RLIM_INFINITY
        resource.prlimit(self.pid, kind, (0, free))
        try:
            yield
        finally:
            if self.is_alive:
                resource.prlimit(self.pid, kind, (free, free))

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        if self.is_alive:
            self.signal(signal.SIGKILL)
        self.await_end()

    def await_end_for(self, seconds: float) -> None:
        """Waits so long at most, and does not mind if it lives on."""
        self._process.join(seconds)

    def await_end(self, seconds: float = 30) -> int:
        """Its status: negative for the signal that ended it."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, f"the worker still runs after {seconds} s"
        return self._process.exitcode


class Killer:
    """Raises a signal for its own process at the n-th passing of a point."""

    def __init__(self, kill_at: str, number: int) -> None:
        self._point, _, times = kill_at.partition(":")
        assert self._point in ("", *points.POINTS), kill_at
        self._left = int(times or 1)
        self._signal = number

    def __call__(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                # Aimed at the process, the signal may find another thread first.
                signal.pthread_kill(threading.get_ident(), self._signal)


def _work(
    environ: Mapping[str, str], drain: bool, killer: Killer, poison: str, is_hasty: bool, log: str
) -> None:
    logging.basicConfig(filename=log, level=logging.INFO, format="%(process)d %(message)s")
    points.reached = killer
    config = configuration.load(environ)
    if poison:
        _poison(poison)
    if is_hasty:
        worker_life.BEAT_SECONDS, worker_life._MARGIN, worker._SCAN_SECONDS = 0.5, 0.5, 0.5
        db._LOCK_PATIENCE = 0.5
        config = replace(config, lease_seconds=3)
    worker.main(create_app(config), drain)


def _poison(address: str) -> None:
    made = worker.composer

    def composer(*words: object) -> Composer:
        honest = made(*words)  # type: ignore[arg-type]

        def prepare(session: Session, claims: Sequence[Claimed]) -> list[Outcome]:
            if any(claim.address == address for claim in claims):
                os.kill(os.getpid(), signal.SIGKILL)
            return honest.prepare(session, claims)

        return replace(honest, prepare=prepare)

    worker.composer = composer
