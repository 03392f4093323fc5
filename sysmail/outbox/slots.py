"""Slots: which threads have a connection or are about to open one, and how many may."""

from __future__ import annotations

import threading
from collections import Counter

from sysmail.outbox.job import Key


class Slots:
    """Each thread speaks for itself; whoever shares an instance locks it.

    In direct delivery half of the slots is the most that one recipient domain gets: a server
    that never lets go of us leaves room for everybody else's mail.
    """

    def __init__(self, size: int) -> None:
        self._size = self._allowed = size
        self._held: dict[int, Key] = {}
        self._at_work: dict[int, float] = {}
        self._resting: set[int] = set()

    @property
    def is_limited(self) -> bool:
        return self._allowed < self._size

    def allow(self, number: int) -> bool:
        """Whether that changes anything."""
        before, self._allowed = self._allowed, max(1, min(number, self._size))
        return self._allowed != before

    def begin(self, key: Key, now: float) -> bool:
        """This thread takes a mail for the key. Whether its connection was another until now."""
        own = threading.get_ident()
        self._at_work[own] = now
        before = self._held.get(own, key)
        self._held[own] = key
        return before != key

    def rest(self, keeps: bool) -> bool:
        """This thread waits for work, and `keeps` its connection. Whether one was let go."""
        own = threading.get_ident()
        self._at_work.pop(own, None)
        if keeps:
            self._resting.add(own)
            return False
        return self._held.pop(own, None) is not None

    def rise(self) -> None:
        """This thread waits no longer."""
        self._resting.discard(threading.get_ident())

    def others_at_work(self, key: Key, since: float) -> int:
        """How many other threads have taken a mail for the key since then."""
        own = threading.get_ident()
        return sum(
            at >= since and thread != own and self._held[thread] == key
            for thread, at in self._at_work.items()
        )

    def is_kept(self, key: Key) -> bool:
        """Whether a thread with a connection for the key waits for work."""
        return any(self._held.get(thread) == key for thread in self._resting)

    def is_one_too_many(self) -> bool:
        """Whether this thread has a slot beyond those allowed by now."""
        own = threading.get_ident()
        return self.is_limited and own in self._held and [*self._held].index(own) >= self._allowed

    def is_free_for(self, key: Key) -> bool:
        """Whether this thread may begin a connection."""
        own = threading.get_ident()
        others = [held for thread, held in self._held.items() if thread != own]
        return len(others) < self._allowed and not self._is_all(key, others.count(key))

    def with_domains(self) -> Counter[Key]:
        """How many slots each recipient domain has."""
        return Counter(key for key in self._held.values() if key[1])

    def full(self) -> list[Key]:
        """The domains that have all the slots they may have."""
        return [key for key, count in self.with_domains().items() if self._is_all(key, count)]

    def _is_all(self, key: Key, count: int) -> bool:
        _version, domain = key
        return bool(domain) and count >= max(1, self._allowed // 2)
