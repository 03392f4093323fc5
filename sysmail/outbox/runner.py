"""One of the courier's threads: a connection, kept, with mail after mail in its pipeline."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial

from sysmail import clock
from sysmail.account import Capture, Direct, External
from sysmail.outbox.capture import captured
from sysmail.outbox.hand import Hand
from sysmail.outbox.handover import Jobs, Results
from sysmail.outbox.job import Job, Key, Permission, Result, unsent
from sysmail.smtp import (
    Accepted,
    Deadlines,
    DirectSession,
    Endpoint,
    Kind,
    Klass,
    Mail,
    Phase,
    Resolver,
    Scope,
    Session,
    Trouble,
    judge,
)

_REST_SECONDS = 0.2


class _Letter(Mail):
    __slots__ = ("job", "started")

    def __init__(self, job: Job, may_dot: Callable[[Job], bool]) -> None:
        built = job.built
        assert built is not None
        super().__init__(
            built.envelope_from,
            built.envelope_to,
            built.data,
            built.smtputf8,
            partial(may_dot, job),
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
        self._in_turn: Key | None = None
        self._is_counted = False
        self._next: deque[Job] = deque()
        self.hand = Hand()

    def run(self) -> None:
        while not self._jobs.is_closed:
            try:
                self._turn()
            except Exception as fault:
                self._survive(fault)
        self._hang_up()
        for job in self._next:
            self._put(unsent(job))
        self._results.flush()

    def _turn(self) -> None:
        job = self._following()
        job = job or self._jobs.take(self._key, self._idle_seconds, self._carried)
        if job is not None:
            self.hand.begin(job)
            self._carry(job)
            self._results.flush()
        if job is None or self._connection is None or not self._connection.is_open:
            self._hang_up()

    def _survive(self, fault: Exception) -> None:
        """A fault of our own costs the connection, and strands no mail."""
        endpoint = self._connection.endpoint if self._connection else Endpoint("", 0)
        for result in self.hand.lost(fault, endpoint):
            self._put(result)
        self._results.flush()
        self._next.clear()
        if self._connection is not None:
            self._connection.drop()
        self._hang_up()
        self._permission.stopping.wait(_REST_SECONDS)

    def interrupt(self) -> None:
        """Ends the talk under way; may be called from another thread."""
        if (connection := self._connection) is not None:
            connection.interrupt()

    def leave(self) -> None:
        """Ends the talk under way unless a dot waits for its answer, and lets no other dot out:
        what has none yet is told at once. May be called from another thread."""
        spared, awaits_answer = self.hand.end()
        for job in spared:
            self._results.put(unsent(job))
        self._results.flush()
        if not awaits_answer:
            self.interrupt()

    def _following(self) -> Job | None:
        return self._next.popleft() if self._next else None

    def _carry(self, job: Job) -> None:
        """This job and, while they last, others that go the same way."""
        if self._permission.stopping.is_set() or self.hand.is_last:
            self._put(unsent(job))
        elif isinstance(job.way, Capture):
            self._put(captured(job, job.way.folder, self._permission))
        else:
            self._carry_over_smtp(job)

    def _carry_over_smtp(self, job: Job) -> None:
        started = clock.monotonic()
        connection = self._connect(job)
        trouble = None if connection.is_open else self._open(connection, job.key)
        if trouble is None and job.built is not None:
            self._next.append(job)
            self._stream(connection)
        elif trouble is not None and self._is_one_too_many(job, trouble, connection.endpoint):
            self._put(unsent(job))
        else:
            self._tell(connection, job, trouble, started)

    def _open(self, connection: Session, key: Key) -> Trouble | None:
        trouble = connection.open()
        if trouble is None:
            self._jobs.opened(key)
            self._is_counted = True
        return trouble

    def _is_one_too_many(self, job: Job, trouble: Trouble, endpoint: Endpoint) -> bool:
        """Many servers limit the connections of one client: what others achieve at this moment
        is no trouble of the account."""
        is_transient = judge(trouble, endpoint.mode).klass is Klass.TRANSIENT
        return is_transient and not job.probe and self._jobs.is_full(job.key)

    def _stream(self, connection: Session) -> None:
        for letter, outcome in connection.stream(self._pull):
            if isinstance(outcome, Trouble) and outcome.stale:
                self._next.append(letter.job)
                # Some servers and firewalls offer PIPELINING and lose what came early.
                if outcome.kind is Kind.TIMEOUT:
                    self._in_turn = self._key
            else:
                self._carried += 1
                self._permission.reply(letter.job, outcome)
                self._tell(connection, letter.job, outcome, letter.started)

    def _pull(self) -> _Letter | None:
        """The next mail for the connection; without one, what came of the others is told."""
        assert self._key is not None
        job = self._following() or self._jobs.more(self._key, self._carried)
        if job is not None:
            self.hand.begin(job)
        if job is not None and job.built is not None:
            return _Letter(job, self._may_dot)
        if job is not None:
            self._next.append(job)
        self._results.flush()
        return None

    def _may_dot(self, job: Job) -> bool:
        return self._permission.dot(job) and self.hand.dot(job)

    def _put(self, result: Result) -> None:
        """Told once, whatever happens next."""
        if self.hand.tell(result.job):
            self._results.put(result)

    def _tell(
        self,
        connection: Session,
        job: Job,
        outcome: Accepted | Trouble | None,
        started: float,
    ) -> None:
        if self.hand.is_last and _is_our_doing(outcome):
            self._put(unsent(job))
            return
        transcript = "\n".join(connection.transcript) if isinstance(outcome, Trouble) else ""
        milliseconds = round((clock.monotonic() - started) * 1000)
        endpoint, tls = connection.endpoint, connection.tls_version
        self._put(Result(job, outcome, endpoint, tls, milliseconds, transcript))
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
            self._key = job.key
            self._connection = _connection(job, self._deadlines)
            self._connection.pipelining = self._in_turn != job.key
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._is_counted and self._key is not None:
            self._jobs.hung_up(self._key)
        self._connection = self._key = None
        self._is_counted = False
        self._carried = 0


def _connection(job: Job, deadlines: Deadlines | None) -> Session:
    way = job.way
    if isinstance(way, External):
        return Session(way.endpoint, deadlines)
    assert isinstance(way, Direct)
    resolver = Resolver(way.resolver)
    return DirectSession(job.domain, way.port, way.helo, resolver, way.private, deadlines)


def _is_our_doing(outcome: Accepted | Trouble | None) -> bool:
    """Whether that may have come of our own leaving, and certainly before the dot."""
    return isinstance(outcome, Trouble) and not outcome.reply and outcome.phase is not Phase.DOT
