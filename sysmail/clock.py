"""The only place that reads a clock; tests patch time here and nowhere else."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The wall clock as an aware UTC time. It decides due times only, never leases."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never go back, for deadlines inside one process."""
    return time.monotonic()


def boottime() -> float:
    """Seconds since boot, counting time asleep (CLOCK_BOOTTIME), for judging one's own beats."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
