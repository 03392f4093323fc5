"""Going back to a backup: prepared aside, held, and only then put in the place of what was."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError, SQLAlchemyError
from sqlalchemy.orm import Session

from sysmail import clock, create_app
from sysmail.audit import SYSTEM, record
from sysmail.backup import postgresql, sqlite
from sysmail.backup.holding import hold_everything
from sysmail.backup.making import copy
from sysmail.backup.outcome import Refused, Restored
from sysmail.config import Config
from sysmail.db import Base, db, found_schema, is_damage, newest_schema
from sysmail.migrating import upgrade
from sysmail.outbox import Worker, worker_alive
from sysmail.people import link_key
from sysmail.vault import CannotOpen, Vault
from sysmail.words import _


def restore(app: Flask, file: Path) -> Restored | Refused:
    """Replaces the database by that of a backup; nothing in it is mailed before it is released.

    Refused while a worker lives, and for a file that is no sound backup of this engine.
    """
    try:
        if refused := _refusal(file):
            return refused
        if db.engine.dialect.name == "sqlite":
            return _restore_sqlite(app, file)
        return _restore_postgresql(app, file)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        return Refused(_("Nothing was changed: %(reason)s.", reason=reason))
    except postgresql.ProgramFailed as error:
        return Refused(_("Nothing was changed. %(reason)s", reason=postgresql.told(error)))
    except (sqlite3.Error, SQLAlchemyError):
        return Refused(
            _("The backup could not be brought in. No e-mail of it goes. Please try again.")
        )


def _refusal(file: Path) -> Refused | None:
    try:
        with file.open("rb") as content:
            begins = content.read(16)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        return Refused(_("%(file)s cannot be read: %(reason)s.", file=file, reason=reason))
    is_sqlite = db.engine.dialect.name == "sqlite"
    if begins.startswith(postgresql.MAGIC if is_sqlite else sqlite.MAGIC):
        return Refused(_("%(file)s is a backup of the other kind of database.", file=file))
    if not begins.startswith(sqlite.MAGIC if is_sqlite else postgresql.MAGIC):
        return Refused(_("%(file)s is not a backup of Sysmail.", file=file))
    return _worker_refusal()


def _worker_refusal() -> Refused | None:
    if not _has_worker():
        return None
    return Refused(
        _(
            "A worker is running, or was within the last 30 seconds. Stop Sysmail, then restore. "
            "Nothing was changed."
        )
    )


def _has_worker() -> bool:
    """A damaged database, or one never set up, has none."""
    try:
        if not inspect(db.engine).has_table(Worker.__tablename__):
            return False
        return worker_alive(db.session())
    except DatabaseError as error:
        if is_damage(error):
            return False
        raise
    finally:
        db.session.remove()


def _restore_sqlite(app: Flask, file: Path) -> Restored | Refused:
    config: Config = app.extensions["sysmail.config"]
    if fault := sqlite.fault_of(file, newest_schema()):
        return Refused(f"{fault} " + _("Nothing was changed."))
    with TemporaryDirectory(prefix=".restore-", dir=config.instance) as folder:
        draft = Path(folder) / "sysmail.db"
        sqlite.copy_database(file, draft)
        beside = create_app(
            replace(config, instance=Path(folder), database_url=f"sqlite:///{draft}")
        )
        restored = _make_ready(beside, app.extensions["sysmail.vault"], Path(folder))
        if refused := _worker_refusal():
            return refused
        kept = _keep(config.instance, "db")
        _let_go()
        sqlite.replace_contents(draft, Path(db.engine.url.database or ""))
    return replace(restored, kept=kept)


def _restore_postgresql(app: Flask, file: Path) -> Restored | Refused:
    config: Config = app.extensions["sysmail.config"]
    schema = postgresql.schema_of(file)
    if schema is None or schema > newest_schema():
        return Refused(_("%(file)s comes from another program, or a newer Sysmail.", file=file))
    kept = _keep(config.instance, "dump")
    if refused := _worker_refusal():
        return refused
    _let_go()
    tables = [*Base.metadata.tables, "alembic_version"]
    postgresql.load(db.engine.url, file, tables, config.instance)
    restored = _make_ready(app, app.extensions["sysmail.vault"], config.instance)
    return replace(restored, kept=kept)


def _let_go() -> None:
    """Ends every connection of this process: an open one would keep its old view, or a lock."""
    db.session.remove()
    db.engine.dispose()


def _make_ready(app: Flask, vault: Vault, instance: Path) -> Restored:
    """Migrates what was restored and holds everything in it that would be mailed."""
    upgrade(app, vault, instance)
    with app.app_context():
        session = db.session()
        events, held = hold_everything(session)
        schema = newest_schema()
        record(session, "backup_restored", SYSTEM, {"held": held, "events": events})
        session.commit()
        fit = _keys_fit(session, vault)
        _let_go()
    return Restored(schema, None, events, held, fit)


def _keep(instance: Path, ending: str) -> Path | None:
    """The database as it is before the restore, in a file of the instance."""
    kept = instance / f"before-restore-{clock.now():%Y%m%dT%H%M%S.%fZ}.{ending}"
    try:
        if found_schema(db.engine) is None:
            return None
        copy(db.engine, kept)
    except (DatabaseError, sqlite3.Error) as error:
        if not is_damage(error):
            raise
        _move_aside(Path(db.engine.url.database or ""), kept)
    return kept


def _move_aside(damaged: Path, kept: Path) -> None:
    """A database that cannot even be copied gives its place up, with its log of writes."""
    _let_go()
    for ending in ("", "-wal", "-shm"):
        part = damaged.with_name(damaged.name + ending)
        if part.exists():
            part.rename(kept.with_name(kept.name + ending))


def _keys_fit(session: Session, vault: Vault) -> bool:
    try:
        link_key(session, vault)
    except CannotOpen:
        return False
    return True
