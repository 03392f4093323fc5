"""Instances for tests: a fresh folder, a real migrated database, no throttles."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import ClassVar

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import text
from werkzeug.routing import Rule

from sysmail import config as configuration
from sysmail import create_app
from sysmail.db import db
from sysmail.migrating import ensure


class _Compiled(BytecodeCache):
    """Templates, compiled once for all applications of this process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class _Rule(Rule):
    """Routes, compiled once: nearly all that making an application costs."""

    _kept: ClassVar[dict[tuple[str, bool, str], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = self.rule, append_unknown, repr(self.defaults)
        if key not in self._kept:
            self._kept[key] = super()._compile_builder(append_unknown)
        return self._kept[key]


_COMPILED = _Compiled()
Flask.url_rule_class = _Rule


def make_app(folder: Path, **settings: str) -> Flask:
    """An application on its own SQLite file; settings are SYSMAIL_ names without prefix."""
    environ = {
        "SYSMAIL_INSTANCE": str(folder),
        "SYSMAIL_RATELIMIT_ENABLED": "0",
        "SYSMAIL_BUILTIN": "capture",
        **{f"SYSMAIL_{name}": value for name, value in settings.items()},
    }
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if "DATABASE_URL" not in settings:
        (folder / "sysmail.db").write_bytes(_migrated())
    return _started(environ)


def attach(environ: dict[str, str]) -> Flask:
    """Another application on an instance that is already there."""
    return _started({name: value for name, value in environ.items() if name != "PATH"})


@contextmanager
def without_table(name: str) -> Iterator[None]:
    """Within an application's context: whoever asks that table meets a fault of ours meanwhile."""
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {name} RENAME TO away"))
    try:
        yield
    finally:
        with db.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE away RENAME TO {name}"))


def _started(environ: dict[str, str]) -> Flask:
    app = create_app(configuration.load(environ))
    app.config["TESTING"] = True
    app.jinja_env.bytecode_cache = _COMPILED
    ensure(app)
    return app


@cache
def _migrated() -> bytes:
    """A database with the newest schema and nothing in it, made once by the real migrations."""
    with tempfile.TemporaryDirectory(prefix="sysmail-") as folder:
        app = _started({"SYSMAIL_INSTANCE": folder, "SYSMAIL_BUILTIN": "capture"})
        with app.app_context():
            db.engine.dispose()
        path = Path(folder) / "sysmail.db"
        with closing(sqlite3.connect(path)) as connection:
            with connection:
                connection.execute("DELETE FROM installation")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()
