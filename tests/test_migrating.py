"""An older instance is kept aside before it is migrated."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade as run
from sqlalchemy import MetaData, Table

from sysmail import clock, create_app
from sysmail import config as configuration
from sysmail.account import health
from sysmail.backup.sqlite import schema_of
from sysmail.db import db, found_schema, newest_schema
from sysmail.migrating import ensure, prepare


def _older(folder: Path, schema: str = "0001") -> Flask:
    environ = {"SYSMAIL_INSTANCE": str(folder), "SYSMAIL_BUILTIN": "capture"}
    app = create_app(configuration.load(environ))
    prepare(app)
    with app.app_context():
        run(directory=app.extensions["migrate"].directory, revision=schema)
    return app


def _kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("before-*.db"))


def test_an_older_database_is_copied_once_before_the_upgrade(tmp_path: Path) -> None:
    app = _older(tmp_path)
    ensure(app)
    with app.app_context():
        assert found_schema(db.engine) == newest_schema()
    [kept] = _kept(tmp_path)
    assert kept.name.startswith(f"before-{newest_schema()}-")
    assert schema_of(kept) == "0001"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    ensure(app)
    assert _kept(tmp_path) == [kept]


def test_a_new_instance_has_nothing_to_keep(app: Flask, tmp_path: Path) -> None:
    assert _kept(tmp_path / "instance") == []


def test_a_new_instance_has_its_set_up_token_however_it_was_started(tmp_path: Path) -> None:
    environ = {"SYSMAIL_INSTANCE": str(tmp_path), "SYSMAIL_BUILTIN": "capture"}
    app = create_app(configuration.load(environ))
    ensure(app)
    token = (tmp_path / "setup-token").read_text().strip()
    assert app.test_client().get("/setup", query_string={"token": token}).status_code == 200


def test_the_latest_three_copies_stay_and_no_other_file_goes(tmp_path: Path) -> None:
    older = [tmp_path / f"before-0000-2026010{n}T000000Z.db" for n in range(1, 5)]
    other = tmp_path / "before-restore-20200101T000000Z.db"
    for path in [*older, other]:
        path.write_text("kept")
    ensure(_older(tmp_path))
    [*earlier, latest, restored] = _kept(tmp_path)
    assert (earlier, restored) == (older[-2:], other)
    assert latest.name.startswith(f"before-{newest_schema()}-")


@pytest.mark.parametrize("encryption", ["starttls", "ssl", "plain"])
def test_a_server_that_took_encrypted_mail_before_schema_0016_is_known_for_it(
    tmp_path: Path, encryption: str
) -> None:
    app, at = _older(tmp_path, "0015"), clock.now().replace(tzinfo=None)
    with app.app_context():
        account = {"mail_server": "external", "encryption": encryption, "changed_at": at}
        _insert("account", account)
        accepted = {"last_accepted_host": "smtp.example.com", "last_accepted_at": at}
        _insert("account_health", accepted | {"state": "active", "since": at})
    ensure(app)
    with app.app_context():
        known = "" if encryption == "plain" else "smtp.example.com"
        assert health(db.session()).encrypted_host == known


def _insert(name: str, values: dict[str, object]) -> None:
    """A row of a table as it is now; nothing, 0 or no where `values` say nothing."""
    table = Table(name, MetaData(), autoload_with=db.engine)
    blank = {
        c.name: c.type.python_type()
        for c in table.columns
        if c.name not in values and not c.nullable
    }
    with db.engine.begin() as connection:
        connection.execute(table.insert().values(blank | values | {"id": 1}))
