"""The courier: threads that carry composed mails over kept connections. No database here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

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
        self._carried: set[tuple[int, str]] = set()
        self._left_behind: set[tuple[int, str]] = set()
        self._size = size
        self._version: int | None = None
        self._results = Results(ring)
        self._stopping = threading.Event()
        permission = Permission(is_fresh, journal, self._stopping)
        self._hire = partial(
            Runner,
            results=self._results,
            permission=permission,
            deadlines=deadlines,
            idle_seconds=idle_seconds,
        )
        self._former: list[Runner] = []
        self._begin()

    def _begin(self) -> None:
        self._jobs = Jobs(self._size, expire=lambda job: self._results.put(unsent(job)))
        self._runners = [self._hire(self._jobs) for _ in range(self._size)]
        for runner in self._runners:
            runner.start()

    def turn_to(self, version: int) -> list[Job]:
        """Jobs of that version of the account come from now on; what is in flight by settings
        that were replaced keeps none of them waiting."""
        known, self._version = self._version, version
        return [] if known == version else self.leave()

    def leave(self) -> list[Job]:
        """Begins anew: jobs no thread has begun are returned, the others come back before their
        dot, and where that has left, its answer is awaited aside."""
        if not self.under_way:
            return []
        left = self.take_back()
        self._left_behind = set(self._carried)
        self._jobs.close()
        for runner in self._runners:
            runner.leave()
        self._former = [it for it in (*self._former, *self._runners) if it.is_alive()]
        self._begin()
        return left

    def carry(self, jobs: list[Job]) -> None:
        self._carried.update((job.delivery_id, job.token) for job in jobs)
        self._jobs.put(jobs)

    def take_back(self) -> list[Job]:
        """The jobs no thread has begun; certainly none of them reached a server."""
        return self._let_go(self._jobs.take_back())

    def allow(self, connections: int) -> None:
        """So many of its connections may be used from now on."""
        self._jobs.allow(connections)

    def held_up(self) -> list[Job]:
        """Like `take_back`, of what waits for domains whose servers are busy with us and slow."""
        return self._let_go(self._jobs.held_up())

    def carries(self, delivery_id: int, token: str | None) -> bool:
        """Whether the delivery's claim with this token was given to it, and is not told yet."""
        return (delivery_id, token) in self._carried

    @property
    def in_flight(self) -> int:
        return len(self._carried)

    @property
    def moving(self) -> int:
        """How many of those a recipient's own server does not delay."""
        return max(0, self.under_way - self._jobs.blocked())

    @property
    def under_way(self) -> int:
        """How many are in flight that were not left behind."""
        return len(self._carried) - len(self._left_behind)

    @property
    def trying(self) -> int:
        """How many of those do not wait long for the answer to their dot."""
        return self.under_way - sum(runner.hand.awaited_long() for runner in self._runners)

    def goes_by(self, version: int) -> bool:
        """Whether that version of the account is the one in force."""
        return version == self._version

    def collect(self, seconds: float = 0) -> list[Result]:
        """Results that are there, waiting up to `seconds` for some."""
        found = self._results.collect(seconds)
        self._let_go([it.job for it in found])
        return found

    def refuse_dots(self) -> None:
        """From now on no message is finished: what is under way is dropped before its dot."""
        self._stopping.set()
        for runner in (*self._former, *self._runners):
            runner.interrupt()

    def _let_go(self, jobs: list[Job]) -> list[Job]:
        for job in jobs:
            self._carried.discard((job.delivery_id, job.token))
            self._left_behind.discard((job.delivery_id, job.token))
        return jobs

    def close(self) -> None:
        self._jobs.close()
        for runner in (*self._former, *self._runners):
            runner.join(timeout=1)
