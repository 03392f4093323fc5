"""Waking an idle worker when anybody has written something."""

from __future__ import annotations

import sqlite3
from typing import Protocol


class Wake(Protocol):
    """Something that can say whether the database may have changed since it was last asked."""

    def rung(self) -> bool: ...


class DataVersion:
    """SQLite: a connection of its own asks PRAGMA data_version, which costs microseconds.

    Asked before work is looked for, it never misses a commit.
    """

    def __init__(self, path: str) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._last = self._version()

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def rung(self) -> bool:
        version = self._version()
        changed, self._last = version != self._last, version
        return changed


class Always:
    """Engines without such a pragma: look every time."""

    def rung(self) -> bool:
        return True
