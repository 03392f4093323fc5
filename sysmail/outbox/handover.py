"""Between the dispatcher's thread and those of the courier: jobs one way, results the other."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable

from sysmail import clock
from sysmail.outbox.job import Job, Key, Result

# What was claimed longer ago than this is claimed anew: that asks again whether it may go.
_FRESH_SECONDS = 30.0
# So many mails travel over one connection while others wait for one of their own.
_TURN = 20
# How long no further connection is tried where the server refused one beside those it has.
_FULL_SECONDS = 30.0
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
        self._open: Counter[Key] = Counter()
        self._full_until: dict[Key, float] = {}

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
            self._changed.wait_for(lambda: self._choose(key) or self.is_closed, seconds)
            chosen = self._choose(key)
            if chosen is None or self.is_closed:
                return None
            self._waiting[chosen] = self._waiting.pop(chosen)
            return self._pop(chosen)

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

    def opened(self, key: Key) -> None:
        with self._changed:
            self._open[key] += 1

    def hung_up(self, key: Key) -> None:
        with self._changed:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]
                self._full_until.pop(key, None)
                self._changed.notify_all()

    def is_full(self, key: Key) -> bool:
        """A further connection was refused; whether that only means that others are enough."""
        with self._changed:
            if self._open[key]:
                self._full_until[key] = clock.monotonic() + _FULL_SECONDS
            return self._open[key] > 0

    def _choose(self, key: Key | None) -> Key | None:
        if key in self._waiting:
            return key
        if not self._full_until:
            return next(iter(self._waiting), None)
        now = clock.monotonic()
        return next((it for it in self._waiting if self._full_until.get(it, now) <= now), None)

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

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._found: deque[Result] = deque()
        self._ready = threading.Event()

    def put(self, result: Result) -> None:
        self._found.append(result)
        if len(self._found) >= _ENOUGH:
            self._tell()

    def flush(self) -> None:
        """No more for now."""
        if self._found:
            self._tell()

    def _tell(self) -> None:
        self._ready.set()
        self._ring()

    def collect(self, seconds: float) -> list[Result]:
        """All there are, waiting up to `seconds` for them."""
        if seconds:
            self._ready.wait(seconds)
        self._ready.clear()
        return [self._found.popleft() for _ in range(len(self._found))]
