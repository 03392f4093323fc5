"""Ports on which nobody else will listen before the one who asked does.

They lie below those the system gives out by itself, and each test process has
a share of its own: a port from the system's range may be given to another test
between the question and the server's start.
"""

from __future__ import annotations

import os
import random
import socket
from itertools import cycle

# Above 10080, which Chromium refuses to open.
_FIRST = 11_000
_SHARE = 1_000
_SHARES = 20


def _share() -> list[int]:
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST + process % _SHARES * _SHARE
    return random.sample(range(first, first + _SHARE), _SHARE)


_ports = cycle(_share())


def free_port() -> int:
    """A port on which nobody listens; told again only after all the others of the share."""
    return next(port for port in _ports if _is_free(port))


def closed_port() -> int:
    """A port that refuses whoever calls."""
    return free_port()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
