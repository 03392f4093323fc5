"""A fault of our own as the log may hold it: without its own words, which may hold a secret or
somebody's mail."""

from __future__ import annotations

import traceback

_FRAMES = 3


def told(fault: Exception) -> str:
    """Its class and the innermost places it came from."""
    frames = reversed(traceback.extract_tb(fault.__traceback__)[-_FRAMES:])
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in frames)
    return f"{type(fault).__name__} at {where}"
