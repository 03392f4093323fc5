"""Resting on PostgreSQL: a connection of its own listens, and is told only while it sleeps.

A NOTIFY lets one transaction commit at a time in the whole cluster, so those who write ask
first whether anybody sleeps: sleepers share an advisory lock, and the triggers of migration
0002 notify only when they cannot have it for themselves.
"""

from __future__ import annotations

import logging
import select

import psycopg
from sqlalchemy import Engine

from sysmail.outbox.wake import Bell

log = logging.getLogger("sysmail.worker")

CHANNEL = "sysmail"
SLEEPERS_LOCK = 7_316_227
_DOZE_SECONDS = 0.05


class Listen:
    """The first `wait` only lies down: what was committed just before, nobody has told of.

    The next one is short for the same reason: who asked before we lay down may commit after.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg.Connection | None = None
        self._bell = Bell()
        self._sleeps = False
        self._dozes = False

    def ring(self) -> None:
        self._bell.ring()

    def rung(self) -> bool:
        return self.wait(0)

    def wait(self, seconds: float) -> bool:
        try:
            if not self._sleeps:
                self._lie_down()
                return True
            dozed, self._dozes = self._dozes, False
            told = self._rest(min(seconds, _DOZE_SECONDS) if dozed else seconds)
        except psycopg.Error as error:
            log.warning("the worker cannot listen to the database (%s)", type(error).__name__)
            self._drop()
            return self._bell.wait(seconds)
        if told:
            self.rise()
        return told or dozed

    def rise(self) -> None:
        if self._sleeps and self._connection is not None:
            self._sleeps = False
            try:
                self._connection.execute(b"SELECT pg_advisory_unlock_shared(%s)", [SLEEPERS_LOCK])
            except psycopg.Error:
                self._drop()

    def close(self) -> None:
        self._drop()
        self._bell.close()

    def _lie_down(self) -> None:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.execute(b"SELECT pg_advisory_lock_shared(%s)", [SLEEPERS_LOCK])
        self._heard(self._connection)
        self._sleeps = self._dozes = True

    def _connect(self) -> psycopg.Connection:
        """A connection that is not the pool's, which listens. Raises psycopg.Error."""
        pooled = self._engine.raw_connection()
        connection = pooled.driver_connection
        assert isinstance(connection, psycopg.Connection)
        pooled.detach()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}".encode())
        return connection

    def _rest(self, seconds: float) -> bool:
        assert self._connection is not None
        socket = self._connection.fileno()
        readable = select.select([self._bell.fileno(), socket], [], [], seconds)[0]
        told = socket in readable and self._heard(self._connection)
        return self._bell.heard() or told

    def _heard(self, connection: psycopg.Connection) -> bool:
        """Takes what has been told so far. Raises psycopg.Error when the connection is lost."""
        return bool(list(connection.notifies(timeout=0)))

    def _drop(self) -> None:
        self._sleeps = self._dozes = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
