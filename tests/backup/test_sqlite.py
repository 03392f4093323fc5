"""What SQLite alone knows: damaged files, older schemas, and real processes beside a restore."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import config as configuration
from sysmail import create_app
from sysmail.backup import BackedUp, Restored, back_up, restore
from sysmail.backup.sqlite import schema_of
from sysmail.db import db, found_schema, newest_schema
from sysmail.migrating import ensure_unless_damaged, prepare
from sysmail.people import Person
from tests.support.processes import ROOT, Sysmail, running


def test_a_database_that_is_none_any_more_is_moved_aside(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    file, live = tmp_path / "copy", tmp_path / "instance" / "sysmail.db"
    assert isinstance(back_up(db.engine, file), BackedUp)
    db.session.remove()
    db.engine.dispose()
    for part in live.parent.glob("sysmail.db*"):
        part.unlink()
    live.write_bytes(b"no database " * 1000)
    ensure_unless_damaged(app)
    done = restore(app, file)
    assert isinstance(done, Restored)
    assert done.kept is not None
    assert done.kept.read_bytes() == b"no database " * 1000
    assert db.session.scalars(select(Person.name)).all() == ["Alice"]


def test_a_backup_of_an_older_schema_is_migrated_on_its_way_back(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    folder = tmp_path / "older"
    older = create_app(configuration.load({"SYSMAIL_INSTANCE": str(folder)}))
    prepare(older)
    with older.app_context():
        upgrade(directory=older.extensions["migrate"].directory, revision="0001")
        assert isinstance(back_up(db.engine, tmp_path / "copy"), BackedUp)
    assert schema_of(tmp_path / "copy") == "0001"
    assert isinstance(restore(app, tmp_path / "copy"), Restored)
    assert found_schema(db.engine) == newest_schema()
    assert not list((tmp_path / "instance").glob("before-0*"))


def _refusal(sysmail: Sysmail, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        env=sysmail.environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    return done.stderr


def test_beside_a_running_sysmail_a_backup_is_made_and_a_restore_refused(tmp_path: Path) -> None:
    file = tmp_path / "copy"
    with running(tmp_path / "instance") as sysmail:
        sysmail.await_page("/readyz")
        assert "The database is in" in sysmail.flask("backup", str(file))
        assert "A worker is running" in _refusal(sysmail, "restore", str(file))
        assert sysmail.end(signal.SIGTERM) == 0
        assert "is kept in" in sysmail.flask("restore", str(file))
