"""Between the dispatcher's thread and those of the courier: jobs one way, results the other."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable

from sysmail import clock
from sysmail.outbox.demand import Demand
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
# Whoever took no mail for so long is held up and no help; as often, a thread looks whether it is
# still not needed.
_STUCK_SECONDS = 0.02
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
        self._demand = Demand()
        self._open: Counter[Key] = Counter()
        self._full_until: dict[Key, float] = {}

    def put(self, jobs: Iterable[Job]) -> None:
        now = clock.monotonic()
        with self._changed:
            for job in jobs:
                if job.key not in self._waiting:
                    self._waiting[job.key] = deque()
                    self._demand.begins(job.key, now)
                self._waiting[job.key].append((job, now + _FRESH_SECONDS))
            self._changed.notify_all()

    def take(self, key: Key | None, seconds: float, carried: int = 0) -> Job | None:
        """One to begin with, preferably for that connection, which carried so many; None after
        `seconds`, at the end, or when there are too many connections. Whoever comes without one
        has closed it."""
        with self._changed:
            if self._slots.rest(keeps=key is not None):
                self._changed.notify_all()
            chosen = self._await(key, carried, clock.monotonic() + seconds)
            self._slots.rise()
            if chosen is None or self.is_closed:
                return None
            if self._slots.begin(chosen, clock.monotonic()):
                self._changed.notify_all()
            self._waiting[chosen] = self._waiting.pop(chosen)
            return self._pop(chosen)

    def more(self, key: Key, carried: int) -> Job | None:
        """The next for a connection that carried so many, if one is ready now and the others
        at work are not enough."""
        with self._changed:
            if key not in self._waiting or self._slots.is_one_too_many():
                return None
            if self._is_met(key, joined=1) or (carried >= _TURN and self._another(key)):
                return None
            self._slots.begin(key, clock.monotonic())
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
            full = [key for key in self._slots.full() if key in self._waiting]
            return self._take_away([it for it in full if self._demand.rests_since(it, since)])

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
                if key not in self._waiting:
                    self._demand.forget(key)
                self._changed.notify_all()

    def is_full(self, key: Key) -> bool:
        """A further connection was refused; whether that only means that others are enough."""
        with self._changed:
            if self._open[key]:
                self._full_until[key] = clock.monotonic() + _FULL_SECONDS
            return self._open[key] > 0

    def _await(self, key: Key | None, carried: int, until: float) -> Key | None:
        """What this thread is to work for; None when it has waited until then, or it is over."""
        while (chosen := self._choose(key, carried)) is None and not self._is_over(key):
            left = until - clock.monotonic()
            if left <= 0:
                break
            self._changed.wait(min(left, _STUCK_SECONDS) if self._is_spared(key) else left)
        return chosen

    def _choose(self, key: Key | None, carried: int) -> Key | None:
        if self._slots.is_one_too_many():
            return None
        is_wanted = key in self._waiting and not self._is_met(key)
        if is_wanted and carried < _TURN:
            return key
        return self._another(key) or (key if is_wanted else None)

    def _another(self, key: Key | None) -> Key | None:
        """What else waits and this thread may begin with."""
        return next((it for it in self._waiting if it != key and self._may_begin(it)), None)

    def _may_begin(self, key: Key) -> bool:
        """Whether this thread may open a connection, and it is needed."""
        return self._is_free(key) and not self._slots.is_kept(key) and not self._is_met(key)

    def _is_free(self, key: Key) -> bool:
        is_full = self._full_until.get(key, 0.0) > clock.monotonic()
        return not is_full and self._slots.is_free_for(key)

    def _is_spared(self, key: Key | None) -> bool:
        """Whether something waits that this thread may take as soon as others are not enough."""
        return key in self._waiting or any(map(self._is_free, self._waiting))

    def _is_met(self, key: Key, joined: int = 0) -> bool:
        """Whether the others at work are enough for what waits; `joined` is 1 for one of them."""
        others = self._slots.others_at_work(key, clock.monotonic() - _STUCK_SECONDS)
        return self._demand.is_met(key, others + joined, others)

    def _is_over(self, key: Key | None) -> bool:
        return self.is_closed or (key is not None and self._slots.is_one_too_many())

    def _take_away(self, keys: list[Key]) -> list[Job]:
        for key in keys:
            if not self._open[key]:
                self._demand.forget(key)
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
        self._demand.moves(key, now)
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
