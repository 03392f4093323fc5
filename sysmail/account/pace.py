"""How many connections may be used: half as many after a server said "too fast", and more again
with success (additive increase, multiplicative decrease)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sysmail.account.models import Health

STEP = timedelta(minutes=5)


def connections(health: Health, size: int) -> int:
    """Of a worker's `size` connections those it may use: one more for each five minutes from the
    slowing down to the last mail that was accepted."""
    if health.slowed_to is None or health.slowed_at is None:
        return size
    return min(size, health.slowed_to + _steps(health.slowed_at, health.last_accepted_at))


def slow_down(health: Health, size: int, now: datetime) -> None:
    """From now on half of the connections used so far, at least one."""
    health.slowed_to = max(1, connections(health, size) // 2)
    health.slowed_at = now


def forget_pace(health: Health) -> None:
    health.slowed_to, health.slowed_at = None, None


def _steps(since: datetime, accepted: datetime | None) -> int:
    return max(0, (accepted - since) // STEP) if accepted is not None else 0
