"""Demand: whether what waits for a server needs a further connection to it.

Connections help where mails wait for the server. Where one is answered in no time, more of them
only take the interpreter away from each other: four cost a quarter more than one, as measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from sysmail.outbox.job import Key

# Seconds from mail to mail that no further connection would make fewer.
_QUICK_SECONDS = 0.0006
_REMEMBERED = 64


@dataclass(slots=True)
class _Flow:
    moved: float
    taken: int = 0
    # The mean of the seconds between the last mails taken while others waited.
    gap: float = 0.0


class Demand:
    """How fast the mails for each key are taken. Whoever shares it locks it."""

    def __init__(self) -> None:
        self._flows: dict[Key, _Flow] = {}

    def begins(self, key: Key, now: float) -> None:
        """Nothing waited for the key until now."""
        self._flows.setdefault(key, _Flow(now)).moved = now

    def moves(self, key: Key, now: float) -> None:
        """One of those that wait is taken."""
        flow = self._flows[key]
        flow.taken = min(flow.taken + 1, _REMEMBERED)
        flow.gap += (now - flow.moved - flow.gap) / flow.taken
        flow.moved = now

    def forget(self, key: Key) -> None:
        """Nothing waits for the key, and no connection is left."""
        self._flows.pop(key, None)

    def rests_since(self, key: Key, moment: float) -> bool:
        """Whether no mail was taken since that moment."""
        return self._flows[key].moved <= moment

    def is_met(self, key: Key, at_work: int, left: int) -> bool:
        """Whether `left` of the connections at work are enough for what waits."""
        return left > 0 and self._flows[key].gap * at_work <= _QUICK_SECONDS * left
