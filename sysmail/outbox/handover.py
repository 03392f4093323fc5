"""Between the dispatcher's thread and those of the courier: jobs one way, results the other."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable

from sysmail import clock
from sysmail.outbox.job import Job, Key, Result
from sysmail.outbox.slots import Slots

# What was claimed longer ago than this is claimed anew: that asks again whether it may go.
_FRESH_SECONDS = 30.0
# So many mails travel over one connection while others wait for one of their own.
_TURN = 20
# How long no further connection is tried where the server refused one beside those it has.
_FULL_SECONDS = 30.0
# So many that only wait for a slow domain are held while others are claimed past them.
_MOST_BLOCKED = 1024
_ENOUGH = 32


class Jobs:
    """What waits to be carried: in order for each connection, connections taking turns, over
    `size` of them at most. `expire` gets what waited too long to be carried still.
    """

    def __init__(self, size: int, expire: Callable[[Job], None]) -> None:
        self.is_closed = False
        self._expire = expire
        self._slots = Slots(size)
        self._changed = threading.Condition()
        self._waiting: dict[Key, deque[tuple[Job, float]]] = {}
        self._moved: dict[Key, float] = {}
        self._open: Counter[Key] = Counter()
        self._full_until: dict[Key, float] = {}

    def put(self, jobs: Iterable[Job]) -> None:
        now = clock.monotonic()
        entries = [(job, now + _FRESH_SECONDS) for job in jobs]
        with self._changed:
            for entry in entries:
                key = entry[0].key
                self._waiting.setdefault(key, deque()).append(entry)
                self._moved.setdefault(key, now)
            if self._may_be_for_another():
                self._changed.notify_all()
            else:
                self._changed.notify(len(entries))

    def take(self, key: Key | None, seconds: float) -> Job | None:
        """One to begin with, preferably for that connection; None after `seconds`, at the end,
        or when there are too many connections. Whoever comes without one has closed it."""
        with self._changed:
            if key is None and self._slots.let_go():
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._choose(key) or self._is_over(key), seconds)
            chosen = self._choose(key)
            if chosen is None or self.is_closed:
                return None
            if self._slots.hold(chosen):
                self._changed.notify_all()
            self._waiting[chosen] = self._waiting.pop(chosen)
            return self._pop(chosen)

    def more(self, key: Key, carried: int) -> Job | None:
        """The next for a connection that carried so many, if one is ready now."""
        with self._changed:
            if key not in self._waiting or (carried >= _TURN and len(self._waiting) > 1):
                return None
            if self._slots.is_one_too_many():
                return None
            return self._pop(key)

    def take_back(self, key: Key | None = None) -> list[Job]:
        """All that wait, or all for one connection."""
        with self._changed:
            return self._take_away([key] if key else list(self._waiting))

    def allow(self, connections: int) -> None:
        with self._changed:
            if self._slots.allow(connections):
                self._changed.notify_all()

    def held_up(self) -> list[Job]:
        """Takes away what waits for domains that have all the connections they may have, and
        where nothing was begun for half a minute."""
        since = clock.monotonic() - _FRESH_SECONDS
        with self._changed:
            full = self._slots.full()
            return self._take_away([it for it in full if self._moved.get(it, since + 1) <= since])

    def blocked(self) -> int:
        """How many are with a recipient's server, or wait (up to a limit) for such domains."""
        with self._changed:
            waiting = sum(len(self._waiting.get(key, ())) for key in self._slots.full())
            return self._slots.with_domains().total() + min(waiting, _MOST_BLOCKED)

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
        if self._slots.is_one_too_many():
            return None
        if key in self._waiting:
            return key
        now = clock.monotonic()
        for found in self._waiting:
            if self._full_until.get(found, now) <= now and self._slots.is_free_for(found):
                return found
        return None

    def _may_be_for_another(self) -> bool:
        """Whether not every thread may take whatever waits: the one woken first might not."""
        is_direct = any(domain for _version, domain in self._waiting)
        return is_direct or self._slots.is_limited or bool(self._full_until)

    def _is_over(self, key: Key | None) -> bool:
        return self.is_closed or (key is not None and self._slots.is_one_too_many())

    def _take_away(self, keys: list[Key]) -> list[Job]:
        for key in keys:
            self._moved.pop(key, None)
        return [job for key in keys for job, _ in self._waiting.pop(key, ())]

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
        self._moved[key] = now
        if not entries:
            self._take_away([key])
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
