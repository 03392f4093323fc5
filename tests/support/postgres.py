"""A real PostgreSQL of the tests' own in a folder of its own; the machine's is left alone.

    with Postgres() as server, server.database() as url:
        ...url is for SYSMAIL_DATABASE_URL...

It answers at a Unix socket only. What a test loses at a power cut does not matter: fsync is off.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from sysmail.db import db
from tests.support.needs import lacking, need
from tests.support.processes import wait_for

_PR_SET_PDEATHSIG = 1
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "autovacuum_naptime": "5s",
}
# Whoever is still connected may hold a lock; foreign keys and triggers are not wanted here.
_EMPTY = """
DO $$
DECLARE one text;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP
    EXECUTE 'DELETE FROM ' || one;
  END LOOP;
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""


class Postgres:
    """A cluster, from `with` to its end; its collation is a human one, not that of bytes.

    `settings` replace those above, such as fsync="on".
    """

    def __init__(self, **settings: str) -> None:
        self._settings = {**_SETTINGS, **settings}

    def __enter__(self) -> Postgres:
        self._programs = Path(need("/usr/lib/postgresql/*/bin/initdb", "postgresql")).parent
        self._user = _server_user()
        self._names = (f"sysmail_{number}" for number in count(1))
        self._free: list[str] = []
        with ExitStack() as closing:
            self.home = Path(tempfile.mkdtemp(prefix="sysmail-pg-"))
            closing.callback(shutil.rmtree, self.home)
            self._furnish()
            closing.callback(self._stop)
            self._start()
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @property
    def log(self) -> Path:
        return self.home / "log"

    def url(self, database: str) -> str:
        """For SYSMAIL_DATABASE_URL."""
        return f"postgresql://postgres@/{database}?host={self.home}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a database with the newest schema and nothing in it, this test's alone.

        Emptying one costs a tenth of cloning another, so they go from test to test.
        """
        name = self._free.pop() if self._free else self._clone()
        try:
            yield self.url(name)
        finally:
            self.command(_EMPTY, name)
            self._free.append(name)

    @contextmanager
    def blank(self) -> Iterator[str]:
        """The URL of a database that was never set up, dropped afterwards."""
        name = next(self._names)
        self.command(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.command(f"DROP DATABASE {name} WITH (FORCE)")

    def command(self, statement: str, database: str = "postgres") -> list[Any]:
        """The rows of a statement that needs no transaction around it."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            answer = connection.execute(statement.encode())
            return answer.fetchall() if answer.description else []

    def _clone(self) -> str:
        name = next(self._names)
        self.command(f"CREATE DATABASE {name} TEMPLATE {self._migrated}")
        return name

    @cached_property
    def _migrated(self) -> str:
        """The template, made by the real migrations."""
        from tests.support.instance import make_app

        name = next(self._names)
        self.command(f"CREATE DATABASE {name}")
        with tempfile.TemporaryDirectory(prefix="sysmail-template-") as folder:
            app = make_app(Path(folder) / "instance", DATABASE_URL=self.url(name))
            with app.app_context():
                db.engine.dispose()
        self.command(_EMPTY, name)
        return name

    def _furnish(self) -> None:
        if self._user:
            shutil.chown(self.home, self._user)
        self._run(
            *("initdb", "--pgdata", str(self._data), "--username", "postgres", "--auth", "trust"),
            *("--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--locale-provider", "icu", "--icu-locale", "en-US"),
        )

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def _start(self) -> None:
        settings = {**self._settings, "unix_socket_directories": str(self.home)}
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self._data), *options],
                user=self._user,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_end_with_parent,
            )
        wait_for(self._answers, 20, "PostgreSQL to answer", self.log)

    def _answers(self) -> bool:
        try:
            return bool(self.command("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            user=self._user,
            cwd=self.home,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root; anybody else runs it as himself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        lacking("root needs a user postgres: on Debian, apt-get install postgresql")


def _end_with_parent() -> None:
    """A killed test run leaves no server behind (Linux): a fast shutdown is its last signal."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
