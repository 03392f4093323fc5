"""A queue of any length, and what it costs a worker to send from it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.house import House
from bench.process import wait_until

Cpu = Callable[[int], float]

PEOPLE = 10_000
_WARM = 500


@dataclass(frozen=True)
class Cost:
    """Of one mail, in microseconds, and how many were sent a second."""

    cpu: float
    rate: float


def fill(home: House, length: int) -> None:
    """Events, expanded, until so many deliveries wait."""
    while (missing := length - home.waiting()) > 0:
        for _ in range(-(-missing // home.people)):
            home.queue()


def cost_of_long(home: House, pid: int, messages: int, cpu: Cpu) -> Cost:
    """Of so many mails from a queue that stays long, once its worker is warm."""
    warm = home.sent() + _WARM
    wait_until(lambda: home.sent() >= warm, "the first mails of the long queue")
    sent, computed, began = home.sent(), cpu(pid), time.monotonic()
    wait_until(lambda: home.sent() >= sent + messages, "mails of the long queue", pause=0.05)
    return _cost(home.sent() - sent, cpu(pid) - computed, time.monotonic() - began)


def cost_of_short(home: House, pid: int, messages: int, cpu: Cpu) -> Cost:
    """Of as many mails from a queue that is filled with `home.people` whenever it is empty."""
    computed = seconds = 0.0
    times = max(1, messages // home.people)
    for _ in range(times):
        before, began = cpu(pid), time.monotonic()
        home.queue()
        wait_until(home.is_done, "the short queue to empty")
        seconds += time.monotonic() - began
        computed += cpu(pid) - before
    return _cost(times * home.people, computed, seconds)


def _cost(count: int, computed: float, seconds: float) -> Cost:
    return Cost(computed / count * 1e6, count / seconds)
