"""One of the courier's threads: a connection, kept, with mail after mail in its pipeline."""

from __future__ import annotations

import threading
from collections import deque
from functools import partial

from sysmail import clock
from sysmail.account import Capture, Direct, External
from sysmail.outbox.capture import keep
from sysmail.outbox.handover import Jobs, Results
from sysmail.outbox.job import Job, Key, Permission, Result, unsent
from sysmail.smtp import (
    Accepted,
    Deadlines,
    DirectSession,
    Endpoint,
    Kind,
    Mail,
    Resolver,
    Scope,
    Session,
    Trouble,
    judge,
)


class _Letter(Mail):
    __slots__ = ("job", "started")

    def __init__(self, job: Job, permission: Permission) -> None:
        built = job.built
        assert built is not None
        super().__init__(
            built.envelope_from,
            built.envelope_to,
            built.data,
            built.smtputf8,
            partial(permission.dot, job),
            canonical=True,
        )
        self.job = job
        self.started = clock.monotonic()


class Runner(threading.Thread):
    def __init__(
        self,
        jobs: Jobs,
        results: Results,
        permission: Permission,
        deadlines: Deadlines | None,
        idle_seconds: float,
    ) -> None:
        super().__init__(name="courier", daemon=True)
        self._jobs = jobs
        self._results = results
        self._permission = permission
        self._deadlines = deadlines
        self._idle_seconds = idle_seconds
        self._connection: Session | None = None
        self._key: Key | None = None
        self._carried = 0
        self._in_turn = False
        self._next: deque[Job] = deque()

    def run(self) -> None:
        while not self._jobs.is_closed:
            job = self._following() or self._jobs.take(self._key, self._idle_seconds)
            if job is None:
                self._hang_up()
            else:
                self._carry(job)
                self._results.flush()
        self._hang_up()

    def interrupt(self) -> None:
        """Ends the talk under way; may be called from another thread."""
        if (connection := self._connection) is not None:
            connection.interrupt()

    def _following(self) -> Job | None:
        return self._next.popleft() if self._next else None

    def _carry(self, job: Job) -> None:
        """This job and, while they last, others that go the same way."""
        if self._permission.stopping.is_set():
            self._results.put(unsent(job))
        elif isinstance(job.way, Capture):
            self._results.put(_captured(job, job.way, self._permission))
        else:
            started = clock.monotonic()
            connection = self._connect(job)
            trouble = None if connection.is_open else connection.open()
            if trouble is not None or job.built is None:
                self._tell(connection, job, trouble, started)
            else:
                self._next.append(job)
                self._stream(connection)

    def _stream(self, connection: Session) -> None:
        for letter, outcome in connection.stream(self._pull):
            if isinstance(outcome, Trouble) and outcome.stale:
                self._next.append(letter.job)
                # Some servers and firewalls offer PIPELINING and lose what came early.
                self._in_turn = self._in_turn or outcome.kind is Kind.TIMEOUT
            else:
                self._carried += 1
                self._permission.reply(letter.job, outcome)
                self._tell(connection, letter.job, outcome, letter.started)

    def _pull(self) -> _Letter | None:
        """The next mail for the connection; without one, what came of the others is told."""
        assert self._key is not None
        job = self._following() or self._jobs.more(self._key, self._carried)
        if job is not None and job.built is not None:
            return _Letter(job, self._permission)
        if job is not None:
            self._next.append(job)
        self._results.flush()
        return None

    def _tell(
        self,
        connection: Session,
        job: Job,
        outcome: Accepted | Trouble | None,
        started: float,
    ) -> None:
        transcript = "\n".join(connection.transcript) if isinstance(outcome, Trouble) else ""
        milliseconds = round((clock.monotonic() - started) * 1000)
        endpoint, tls = connection.endpoint, connection.tls_version
        self._results.put(Result(job, outcome, endpoint, tls, milliseconds, transcript))
        if isinstance(outcome, Trouble):
            self._spare_the_others(job, outcome, endpoint)

    def _spare_the_others(self, job: Job, trouble: Trouble, endpoint: Endpoint) -> None:
        """What would fail for the same reason, that of the whole account or domain, goes back."""
        verdict = judge(trouble, endpoint.mode)
        if verdict.scope is not Scope.MESSAGE and not verdict.needs_two_domains:
            for other in self._jobs.take_back(job.key):
                self._results.put(unsent(other))

    def _connect(self, job: Job) -> Session:
        """The connection for the job, to be opened unless it is the one in use."""
        if self._connection is None or self._key != job.key or not self._connection.is_open:
            self._hang_up()
            self._in_turn = self._in_turn and self._key == job.key
            self._key = job.key
            self._connection = _connection(job, self._deadlines)
            self._connection.pipelining = not self._in_turn
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._carried = 0


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
