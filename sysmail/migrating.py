"""Migrations: run at start, one process at a time; an older SQLite database is kept aside first."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from sysmail import clock
from sysmail.config import ConfigError
from sysmail.db import MIGRATIONS, db, found_schema, is_damage, newest_schema, unsafe_commit
from sysmail.people import ensure_installation, setup_link
from sysmail.vault import Vault

log = logging.getLogger("sysmail")

FOLDER = MIGRATIONS
_ADVISORY_LOCK = 7_316_226
_KEPT = 3


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
        keep_older(instance)
        run(directory=str(FOLDER))
        ensure_installation(db.session(), vault)
        db.session.commit()


def ensure(app: Flask) -> None:
    """Upgrades only when the schema is not the newest; cheap when it is.

    A new installation gets its set-up token here, so that it is there without `make run` too.
    Raises ConfigError for a database that forgets what it has confirmed.
    """
    with app.app_context():
        if setting := unsafe_commit(db.engine):
            raise ConfigError(
                "the database confirms changes that a crash can still undo, so mail could be "
                f"lost (synchronous_commit is {setting}). Set synchronous_commit to on, "
                "for this database or its user."
            )
        current = found_schema(db.engine)
    if current != newest_schema():
        config = app.extensions["sysmail.config"]
        upgrade(app, app.extensions["sysmail.vault"], config.instance)
        with app.app_context():
            setup_link(config, db.session())


def ensure_unless_damaged(app: Flask) -> None:
    """The same, but a file that is no database any more is only told of.

    What helps then, flask restore and flask doctor, has to start first.
    """
    try:
        ensure(app)
    except DatabaseError as error:
        if not is_damage(error):
            raise
        log.error("The database is damaged. Go back to a backup with: flask restore FILE")


def keep_older(instance: Path) -> Path | None:
    """Copies an SQLite database of an older schema into the instance; the latest three stay.

    The copy is named after the schema that came next, and made once for each: a migration that
    fails at every start must not push the sound copy out. PostgreSQL has means of its own.
    """
    if db.engine.dialect.name != "sqlite":
        return None
    found, newest = found_schema(db.engine), newest_schema()
    if found is None or found >= newest or any(instance.glob(f"before-{newest}-*.db")):
        return None
    from sysmail.backup.sqlite import copy_database

    kept = instance / f"before-{newest}-{clock.now():%Y%m%dT%H%M%SZ}.db"
    copy_database(Path(db.engine.url.database or ""), kept)
    for old in sorted(instance.glob("before-[0-9]*.db"))[:-_KEPT]:
        old.unlink(missing_ok=True)
    return kept


@contextmanager
def _alone(instance: Path) -> Iterator[None]:
    """A lock among processes of this machine; on PostgreSQL also among machines."""
    with (instance / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if db.engine.dialect.name != "postgresql":
            yield
            return
        key = {"key": _ADVISORY_LOCK}
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
            try:
                yield
            finally:
                # The pool keeps the connection, and with it the lock of its session.
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
