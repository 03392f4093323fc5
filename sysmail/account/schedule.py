"""Steps of a schedule of waits, of which the last repeats, and their jitter."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

JITTER = 0.2


class Dice(Protocol):
    """A source of jitter; `random.Random` is one."""

    def uniform(self, a: float, b: float) -> float: ...


DICE: Dice = secrets.SystemRandom()


def step(schedule: Sequence[timedelta], done: int) -> timedelta:
    """The wait after `done` earlier ones."""
    return schedule[min(done, len(schedule) - 1)]


def jittered(schedule: Sequence[timedelta], done: int, dice: Dice) -> timedelta:
    """The same, 20 % shorter to 20 % longer, so that many do not come back at once."""
    return step(schedule, done) * dice.uniform(1 - JITTER, 1 + JITTER)
