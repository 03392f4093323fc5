"""Between the dispatcher's thread and those of the courier: jobs one way, results the other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable

from sysmail import clock
from sysmail.outbox.job import Job, Key, Result

# What was claimed longer ago than this is claimed anew: that asks again whether it may go.
_FRESH_SECONDS = 30.0
# So many mails travel over one connection while others wait for one of their own.
_TURN = 20
_ENOUGH = 32


class Jobs:
    """What waits to be carried: in order for each connection, connections taking turns.

    `expire` gets what waited too long to be carried still.
    """

    def __init__(self, expire: Callable[[Job], None]) -> None:
        self.is_closed = False
        self._expire = expire
        self._changed = threading.Condition()
        self._waiting: dict[Key, deque[tuple[Job, float]]] = {}

    def put(self, jobs: Iterable[Job]) -> None:
        entries = [(job, clock.monotonic() + _FRESH_SECONDS) for job in jobs]
        with self._changed:
            for entry in entries:
                self._waiting.setdefault(entry[0].key, deque()).append(entry)
            self._changed.notify(len(entries))

    def take(self, key: Key | None, seconds: float) -> Job | None:
        """One to begin with, preferably for that connection; None after `seconds` or at the
        end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self.is_closed, seconds)
            if not self._waiting or self.is_closed:
                return None
            if key not in self._waiting:
                key = next(iter(self._waiting))
                self._waiting[key] = self._waiting.pop(key)
            return self._pop(key)

    def more(self, key: Key, carried: int) -> Job | None:
        """The next for a connection that carried so many, if one is ready now."""
        with self._changed:
            if key not in self._waiting or (carried >= _TURN and len(self._waiting) > 1):
                return None
            return self._pop(key)

    def take_back(self, key: Key | None = None) -> list[Job]:
        """All that wait, or all for one connection."""
        with self._changed:
            keys = [key] if key else list(self._waiting)
            return [job for it in keys for job, _ in self._waiting.pop(it, ())]

    def close(self) -> None:
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()

    def _pop(self, key: Key) -> Job | None:
        entries = self._waiting[key]
        now = clock.monotonic()
        fresh = None
        while entries and fresh is None:
            job, until = entries.popleft()
            if now < until:
                fresh = job
            else:
                self._expire(job)
        if not entries:
            del self._waiting[key]
        return fresh


class Results:
    """What came of jobs. Whoever waits is woken when there are many, or no more to come soon:
    each waking takes the interpreter away from the connections."""

    def __init__(self) -> None:
        self._found: deque[Result] = deque()
        self._ready = threading.Event()

    def put(self, result: Result) -> None:
        self._found.append(result)
        if len(self._found) >= _ENOUGH:
            self._ready.set()

    def flush(self) -> None:
        """No more for now."""
        if self._found:
            self._ready.set()

    def collect(self, seconds: float) -> list[Result]:
        """All there are, waiting up to `seconds` for them."""
        if seconds:
            self._ready.wait(seconds)
        self._ready.clear()
        return [self._found.popleft() for _ in range(len(self._found))]
