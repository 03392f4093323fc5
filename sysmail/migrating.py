"""Migrations: run at start, one process at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect, text

from sysmail.db import db
from sysmail.people import ensure_installation
from sysmail.vault import Vault

FOLDER = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_316_226


def prepare(app: Flask) -> None:
    """Gives Flask-Migrate its folder."""
    if "migrate" not in app.extensions:
        from flask_migrate import Migrate

        Migrate(app, db, directory=str(FOLDER))


def upgrade(app: Flask, vault: Vault, instance: Path) -> None:
    """Brings the database to the newest schema and notes when it was first set up."""
    prepare(app)
    from flask_migrate import upgrade as run

    with app.app_context(), _alone(instance):
        run(directory=str(FOLDER))
        ensure_installation(db.session(), vault)
        db.session.commit()


def ensure(app: Flask) -> None:
    """Upgrades only when the schema is not the newest; cheap when it is."""
    with app.app_context():
        current = _current()
    if current != _newest():
        config = app.extensions["sysmail.config"]
        upgrade(app, app.extensions["sysmail.vault"], config.instance)


def _current() -> str | None:
    if not inspect(db.engine).has_table("alembic_version"):
        return None
    with db.engine.connect() as connection:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _newest() -> str:
    return max(path.name for path in (FOLDER / "versions").glob("*.py")).partition("_")[0]


@contextmanager
def _alone(instance: Path) -> Iterator[None]:
    """A lock among processes of this machine; on PostgreSQL also among machines."""
    with (instance / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if db.engine.dialect.name != "postgresql":
            yield
            return
        with db.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield
