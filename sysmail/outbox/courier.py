"""The courier: threads that carry composed mails over kept connections. No database here."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sysmail import clock
from sysmail.account import Capture, Direct, External
from sysmail.mime import Built
from sysmail.outbox.capture import keep
from sysmail.smtp import Accepted, Deadlines, DirectSession, Mode, Resolver, Session, Trouble

_IDLE_SECONDS = 8.0

Route = External | Direct | Capture


@dataclass(frozen=True)
class Job:
    """One claimed delivery, composed.

    `version` is the account's version the route was made from. `probe`: the account is paused
    and this one finds out whether it works again; without `built` by logging in alone.
    """

    delivery_id: int
    token: str
    route: Route
    version: int
    domain: str
    built: Built | None
    probe: bool = False


@dataclass(frozen=True)
class Result:
    """How a job ended, and over what connection."""

    job: Job
    outcome: Accepted | Trouble | None
    host: str
    port: int | None
    encryption: str
    authenticated: bool
    mode: Mode
    tls: str | None
    milliseconds: int
    transcript: str


class Courier:
    """`size` threads, each with one connection. Jobs go in, results come out of `results`."""

    def __init__(self, size: int, may_end: Callable[[], bool], deadlines: Deadlines | None) -> None:
        self.results: queue.Queue[Result] = queue.Queue()
        self.in_flight = 0
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._stopping = threading.Event()
        self._runners = [
            _Runner(self._jobs, self.results, self._may_end(may_end), deadlines)
            for _ in range(size)
        ]
        for runner in self._runners:
            runner.start()

    def _may_end(self, fresh: Callable[[], bool]) -> Callable[[], bool]:
        return lambda: fresh() and not self._stopping.is_set()

    def carry(self, job: Job) -> None:
        self.in_flight += 1
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

    def collect(self, seconds: float) -> list[Result]:
        """Results that are there, waiting up to `seconds` for the first."""
        found: list[Result] = []
        try:
            found.append(
                self.results.get(timeout=seconds) if seconds else self.results.get_nowait()
            )
            while True:
                found.append(self.results.get_nowait())
        except queue.Empty:
            self.in_flight -= len(found)
            return found

    def refuse_dots(self) -> None:
        """From now on no message is finished: what is under way is dropped before its dot."""
        self._stopping.set()

    def close(self) -> None:
        for _ in self._runners:
            self._jobs.put(None)
        for runner in self._runners:
            runner.join(timeout=1)


class _Runner(threading.Thread):
    def __init__(
        self,
        jobs: queue.Queue[Job | None],
        results: queue.Queue[Result],
        may_end: Callable[[], bool],
        deadlines: Deadlines | None,
    ) -> None:
        super().__init__(name="courier", daemon=True)
        self._jobs = jobs
        self._results = results
        self._may_end = may_end
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

    def _carry(self, job: Job) -> Result:
        started = clock.monotonic()
        if isinstance(job.route, Capture):
            return _captured(job, job.route, started)
        outcome = self._send(job)
        result = self._result(job, outcome, started)
        if self._connection is not None and not self._connection.reusable:
            self._hang_up()
        return result

    def _send(self, job: Job) -> Accepted | Trouble | None:
        for _ in range(2):
            trouble = self._connect(job)
            if trouble is not None or job.built is None or self._connection is None:
                return trouble
            outcome = self._connection.send(
                job.built.envelope_from,
                job.built.envelope_to,
                job.built.data,
                job.built.smtputf8,
                self._may_end,
            )
            if not (isinstance(outcome, Trouble) and outcome.stale):
                return outcome
            self._hang_up()
        return outcome

    def _connect(self, job: Job) -> Trouble | None:
        key = (job.route, job.domain if isinstance(job.route, Direct) else None)
        if self._connection is not None and self._key == key and self._connection.is_open:
            return None
        self._hang_up()
        self._key = key
        self._connection = _connection(job, self._deadlines)
        return self._connection.open()

    def _result(self, job: Job, outcome: Accepted | Trouble | None, started: float) -> Result:
        connection = self._connection
        endpoint = job.route.endpoint if isinstance(job.route, External) else None
        return Result(
            job=job,
            outcome=outcome,
            host=connection.endpoint.host if connection else job.domain,
            port=endpoint.port if endpoint else getattr(job.route, "port", None),
            encryption=endpoint.encryption.value if endpoint else "plain",
            authenticated=bool(endpoint and endpoint.credentials),
            mode=endpoint.mode if endpoint else Mode.DIRECT,
            tls=connection.tls_version if connection else None,
            milliseconds=_since(started),
            transcript="\n".join(connection.transcript) if connection else "",
        )

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _connection(job: Job, deadlines: Deadlines | None) -> Session:
    if isinstance(job.route, External):
        return Session(job.route.endpoint, deadlines or Deadlines())
    assert isinstance(job.route, Direct)
    way = job.route
    resolver = Resolver(way.resolver)
    return DirectSession(job.domain, way.port, way.helo, resolver, way.private, deadlines)


def _captured(job: Job, route: Capture, started: float) -> Result:
    outcome = keep(route.folder, job.delivery_id, job.built) if job.built else None
    return Result(
        job, outcome, "capture", None, "plain", False, Mode.EXTERNAL, None, _since(started), ""
    )


def _since(started: float) -> int:
    return round((clock.monotonic() - started) * 1000)
