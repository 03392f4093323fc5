"""The courier: threads that carry composed mails over kept connections. No database here."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sysmail import clock
from sysmail.account import Capture, Direct, External
from sysmail.mime import Built
from sysmail.outbox.capture import keep
from sysmail.outbox.journal import Journal
from sysmail.smtp import (
    Accepted,
    Deadlines,
    DirectSession,
    Endpoint,
    Resolver,
    Session,
    Trouble,
)

_IDLE_SECONDS = 8.0

Way = External | Direct | Capture


class Job(NamedTuple):
    """One claimed delivery, composed.

    `version` is the account's version the way was made from. `probe`: the account is paused
    and this one finds out whether it works again; without `built` by logging in alone.
    """

    delivery_id: int
    token: str
    way: Way
    version: int
    domain: str
    built: Built | None
    probe: bool = False


class Result(NamedTuple):
    """How a job ended, and over what connection."""

    job: Job
    outcome: Accepted | Trouble | None
    endpoint: Endpoint
    tls: str | None
    milliseconds: int
    transcript: str


@dataclass(frozen=True)
class Permission:
    """What is asked and noted around each final dot."""

    is_fresh: Callable[[], bool]
    journal: Journal
    stopping: threading.Event

    def dot(self, job: Job) -> bool:
        """Whether the dot may leave; what the journal cannot hold is not sent."""
        if self.stopping.is_set() or not self.is_fresh() or job.built is None:
            return False
        try:
            self.journal.dot(job.delivery_id, job.token, job.built.sha256)
        except OSError:
            return False
        return True

    def reply(self, job: Job, outcome: Accepted | Trouble) -> None:
        if outcome.reply is not None:
            self.journal.reply(job.delivery_id, job.token, outcome.reply.code)


class Courier:
    """`size` threads, each with one connection. Jobs go in, results are collected."""

    def __init__(
        self,
        size: int,
        is_fresh: Callable[[], bool],
        journal: Journal,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.in_flight = 0
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        permission = Permission(is_fresh, journal, self._stopping)
        self._runners = [
            _Runner(self._jobs, self._results, permission, deadlines) for _ in range(size)
        ]
        for runner in self._runners:
            runner.start()

    def carry(self, jobs: list[Job]) -> None:
        self.in_flight += len(jobs)
        for job in jobs:
            self._jobs.put(job)

    def take_back(self) -> list[Job]:
        """The jobs no thread has begun; certainly none of them reached a server."""
        left: list[Job] = []
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                self.in_flight -= len(left)
                return left
            if job is not None:
                left.append(job)

    def collect(self, seconds: float = 0) -> list[Result]:
        """Results that are there, waiting up to `seconds` for the first."""
        found: list[Result] = []
        try:
            if seconds:
                found.append(self._results.get(timeout=seconds))
            while True:
                found.append(self._results.get_nowait())
        except queue.Empty:
            self.in_flight -= len(found)
            return found

    def refuse_dots(self) -> None:
        """From now on no message is finished: what is under way is dropped before its dot."""
        self._stopping.set()
        for runner in self._runners:
            runner.interrupt()

    def close(self) -> None:
        for _ in self._runners:
            self._jobs.put(None)
        for runner in self._runners:
            runner.join(timeout=1)


class _Runner(threading.Thread):
    def __init__(
        self,
        jobs: queue.SimpleQueue[Job | None],
        results: queue.SimpleQueue[Result],
        permission: Permission,
        deadlines: Deadlines | None,
    ) -> None:
        super().__init__(name="courier", daemon=True)
        self._jobs = jobs
        self._results = results
        self._permission = permission
        self._deadlines = deadlines
        self._connection: Session | None = None
        self._key: object = None

    def run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                self._hang_up()
                continue
            if job is None:
                self._hang_up()
                return
            self._results.put(self._carry(job))

    def interrupt(self) -> None:
        """Ends the talk under way; may be called from another thread."""
        if (connection := self._connection) is not None:
            connection.interrupt()

    def _carry(self, job: Job) -> Result:
        started = clock.monotonic()
        if isinstance(job.way, Capture):
            return _captured(job, job.way, self._permission)
        outcome = self._send(job)
        connection = self._connection
        assert connection is not None
        good = isinstance(outcome, Accepted)
        result = Result(
            job,
            outcome,
            connection.endpoint,
            connection.tls_version,
            round((clock.monotonic() - started) * 1000),
            "" if good else "\n".join(connection.transcript),
        )
        if not connection.reusable:
            self._hang_up()
        return result

    def _send(self, job: Job) -> Accepted | Trouble | None:
        outcome = self._try(job)
        if isinstance(outcome, Trouble) and outcome.stale:
            self._hang_up()
            outcome = self._try(job)
        return outcome

    def _try(self, job: Job) -> Accepted | Trouble | None:
        trouble = self._connect(job)
        if trouble is not None or job.built is None:
            return trouble
        assert self._connection is not None
        built = job.built
        outcome = self._connection.send(
            built.envelope_from,
            built.envelope_to,
            built.data,
            built.smtputf8,
            lambda: self._permission.dot(job),
        )
        self._permission.reply(job, outcome)
        return outcome

    def _connect(self, job: Job) -> Trouble | None:
        key = (job.way, job.domain if isinstance(job.way, Direct) else None)
        if self._connection is not None and self._key == key and self._connection.is_open:
            return None
        self._hang_up()
        self._key = key
        self._connection = _connection(job, self._deadlines)
        return self._connection.open()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _connection(job: Job, deadlines: Deadlines | None) -> Session:
    way = job.way
    if isinstance(way, External):
        return Session(way.endpoint, deadlines)
    assert isinstance(way, Direct)
    resolver = Resolver(way.resolver)
    return DirectSession(job.domain, way.port, way.helo, resolver, way.private, deadlines)


def _captured(job: Job, way: Capture, permission: Permission) -> Result:
    outcome: Accepted | Trouble | None = None
    if job.built is not None:
        permission.dot(job)
        outcome = keep(way.folder, job.delivery_id, job.built)
        permission.reply(job, outcome)
    return Result(job, outcome, Endpoint("capture", 0), None, 0, "")
