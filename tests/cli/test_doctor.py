"""flask doctor: a sound installation ends with 0, a problem with 1 and a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from click.testing import Result
from flask import Flask

from sysmail import clock
from sysmail.db import db
from sysmail.outbox import Worker
from sysmail.people import link_key
from sysmail.vault import Vault
from tests.support.instance import attach


@pytest.fixture
def worker(app: Flask) -> None:
    """A worker that was seen just now."""
    now = clock.now()
    with app.app_context():
        db.session.add(Worker(id="boot:1:1", boot_id="boot", pid=1, started_at=now, seen_at=now))
        db.session.commit()


def _doctor(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["doctor"])


@pytest.mark.usefixtures("worker")
def test_a_sound_installation_may_have_advice_but_no_problem(app: Flask) -> None:
    seen = _doctor(app)
    assert seen.exit_code == 0, seen.output
    assert "advice  Links and senders have no real name." in seen.output


@pytest.mark.usefixtures("worker")
@pytest.mark.both_engines
def test_a_database_that_a_power_cut_may_cost_is_named(
    app: Flask, database: dict[str, str]
) -> None:
    """The cluster of the tests runs without fsync; SQLite is always set up to be safe."""
    seen = _doctor(app)
    assert seen.exit_code == 0, seen.output
    careless = "advice  PostgreSQL has fsync and full_page_writes switched off"
    assert (careless in seen.output) == bool(database)
    assert ("ok      What the database confirms is on disk." in seen.output) != bool(database)


def test_without_a_worker_something_is_to_do(app: Flask) -> None:
    seen = _doctor(app)
    assert seen.exit_code == 1
    assert "PROBLEM No worker is running" in seen.output


@pytest.mark.usefixtures("worker")
def test_a_lost_key_is_a_problem(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        link_key(db.session(), cast(Vault, app.extensions["sysmail.vault"]))
        db.session.commit()
    (tmp_path / "instance" / "fernet-keys").unlink()
    seen = _doctor(attach({"SYSMAIL_INSTANCE": str(tmp_path / "instance")}))
    assert seen.exit_code == 1
    assert "PROBLEM The key in fernet-keys" in seen.output
