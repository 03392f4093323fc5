"""The courier: threads that carry composed mails over kept connections. No database here."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sysmail.outbox.handover import Jobs, Results
from sysmail.outbox.job import Job, Permission, Result, Way, unsent
from sysmail.outbox.journal import Journal
from sysmail.outbox.runner import Runner
from sysmail.smtp import Deadlines

__all__ = ["Courier", "Job", "Result", "Way"]


class Courier:
    """`size` threads, each with one connection, which is closed after `idle_seconds` without
    mail. Jobs go in, results are collected."""

    def __init__(
        self,
        size: int,
        is_fresh: Callable[[], bool],
        journal: Journal,
        deadlines: Deadlines | None = None,
        idle_seconds: float = 8.0,
        ring: Callable[[], None] = lambda: None,
    ) -> None:
        self.in_flight = 0
        self._results = Results(ring)
        self._jobs = Jobs(size, expire=lambda job: self._results.put(unsent(job)))
        self._stopping = threading.Event()
        permission = Permission(is_fresh, journal, self._stopping)
        self._runners = [
            Runner(self._jobs, self._results, permission, deadlines, idle_seconds)
            for _ in range(size)
        ]
        for runner in self._runners:
            runner.start()

    def carry(self, jobs: list[Job]) -> None:
        self.in_flight += len(jobs)
        self._jobs.put(jobs)

    def take_back(self) -> list[Job]:
        """The jobs no thread has begun; certainly none of them reached a server."""
        left = self._jobs.take_back()
        self.in_flight -= len(left)
        return left

    def allow(self, connections: int) -> None:
        """So many of its connections may be used from now on."""
        self._jobs.allow(connections)

    def held_up(self) -> list[Job]:
        """Like `take_back`, of what waits for domains whose servers are busy with us and slow."""
        left = self._jobs.held_up()
        self.in_flight -= len(left)
        return left

    @property
    def moving(self) -> int:
        """How many are in flight, without those that only a recipient's own server delays."""
        return max(0, self.in_flight - self._jobs.blocked())

    def collect(self, seconds: float = 0) -> list[Result]:
        """Results that are there, waiting up to `seconds` for some."""
        found = self._results.collect(seconds)
        self.in_flight -= len(found)
        return found

    def refuse_dots(self) -> None:
        """From now on no message is finished: what is under way is dropped before its dot."""
        self._stopping.set()
        for runner in self._runners:
            runner.interrupt()

    def close(self) -> None:
        self._jobs.close()
        for runner in self._runners:
            runner.join(timeout=1)
