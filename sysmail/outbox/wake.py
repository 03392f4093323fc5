"""What an idle worker rests on: it ends when anybody has written something."""

from __future__ import annotations

import select
import socket
import sqlite3
from contextlib import suppress
from typing import Protocol

from sqlalchemy import Engine

from sysmail import clock

_POLL_SECONDS = 0.01


class Wake(Protocol):
    """One thread rests on it; any other thread, or a signal handler, may `ring` it."""

    def ring(self) -> None:
        """Ends the wait under way, or the next."""

    def rung(self) -> bool:
        """Whether there may be work that was not there when it was last asked; returns at once."""

    def wait(self, seconds: float) -> bool:
        """Rests at most so long; whether there may be work now."""

    def rise(self) -> None:
        """Work was found though nothing rang: nobody need ring before the next wait."""

    def close(self) -> None: ...


def wake_for(engine: Engine) -> Wake:
    """The one that fits the database."""
    if engine.dialect.name == "postgresql":
        from sysmail.outbox.listen import Listen

        return Listen(engine)
    return DataVersion(engine.url.database or "")


class Bell:
    """A socket that can be read once somebody has rung."""

    def __init__(self) -> None:
        self._ear, self._hammer = socket.socketpair()
        self._ear.setblocking(False)
        self._hammer.setblocking(False)
        self._rings = False

    def fileno(self) -> int:
        return self._ear.fileno()

    def ring(self) -> None:
        if not self._rings:
            self._rings = True
            with suppress(OSError):  # Closed: nobody waits any more.
                self._hammer.send(b"!")

    def heard(self) -> bool:
        """Whether it was rung since it was last asked; who asks must look for work afterwards."""
        try:
            self._ear.recv(64)
        except BlockingIOError:
            return False
        self._rings = False
        return True

    def wait(self, seconds: float) -> bool:
        select.select([self], [], [], seconds)
        return self.heard()

    def close(self) -> None:
        self._ear.close()
        self._hammer.close()


class DataVersion:
    """SQLite: a connection of its own asks PRAGMA data_version, which costs microseconds.

    Asked before work is looked for, it never misses a commit.
    """

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._bell = Bell()
        self._last = self._version()

    def ring(self) -> None:
        self._bell.ring()

    def rung(self) -> bool:
        version = self._version()
        changed, self._last = version != self._last, version
        return self._bell.heard() or changed

    def wait(self, seconds: float) -> bool:
        until = clock.monotonic() + seconds
        while not self.rung():
            left = until - clock.monotonic()
            if left <= 0:
                return False
            if self._bell.wait(min(left, _POLL_SECONDS)):
                return True
        return True

    def rise(self) -> None:
        """Nobody rings at any cost here."""

    def close(self) -> None:
        self._connection.close()
        self._bell.close()

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
