"""PostgreSQL as Sysmail finds it: set up once, refused where it would forget, quick to clean."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask_migrate import downgrade
from sqlalchemy import text

from sysmail.config import ConfigError
from sysmail.db import db, found_schema, newest_schema
from sysmail.migrating import FOLDER, ensure
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.postgres import Postgres
from tests.support.processes import ROOT, Sysmail

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture
def blank(postgres: Postgres) -> Iterator[str]:
    with postgres.blank() as url:
        yield url


def name_of(url: str) -> str:
    """The database's."""
    return urlsplit(url).path.removeprefix("/")


def upgrading(folder: Path, url: str) -> subprocess.Popen[str]:
    folder.mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "SYSMAIL_INSTANCE": str(folder),
        "SYSMAIL_DATABASE_URL": url,
        "SYSMAIL_FERNET_KEYS": "A" * 43 + "=",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "db", "upgrade"],
        env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_machines_that_start_at_once_set_it_up_once(
    tmp_path: Path, postgres: Postgres, blank: str
) -> None:
    starts = [upgrading(tmp_path / str(number), blank) for number in range(3)]
    said = [start.communicate(timeout=60)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], said
    rows = "SELECT version_num, (SELECT count(*) FROM installation) FROM alembic_version"
    assert postgres.command(rows, name_of(blank)) == [(newest_schema(), 1)]


def test_nobody_keeps_the_lock_on_migrations(tmp_path: Path, blank: str) -> None:
    app = make_app(tmp_path / "instance", DATABASE_URL=blank)
    with app.app_context():
        locks = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert db.session.scalar(locks) == 0


def test_the_schema_can_be_taken_down_and_put_up_again(tmp_path: Path, blank: str) -> None:
    app = make_app(tmp_path / "instance", DATABASE_URL=blank)
    with app.app_context():
        downgrade(directory=str(FOLDER), revision="base")
        assert found_schema(db.engine) is None
    ensure(app)
    with app.app_context():
        assert found_schema(db.engine) == newest_schema()


def test_a_database_that_confirms_too_early_is_refused_in_one_sentence(
    tmp_path: Path, postgres: Postgres, blank: str
) -> None:
    postgres.command(f"ALTER DATABASE {name_of(blank)} SET synchronous_commit = off")
    sysmail = Sysmail(tmp_path / "instance", free_port(), DATABASE_URL=blank)
    assert sysmail.process.wait(20) == 1
    [line] = sysmail.log.read_text().splitlines()
    assert "synchronous_commit is off" in line
    with pytest.raises(ConfigError, match="Set synchronous_commit to on"):
        make_app(tmp_path / "other", DATABASE_URL=blank)


def test_a_server_alone_may_confirm_what_only_its_own_disk_has(
    tmp_path: Path, postgres: Postgres, blank: str
) -> None:
    postgres.command(f"ALTER DATABASE {name_of(blank)} SET synchronous_commit = local")
    assert make_app(tmp_path / "instance", DATABASE_URL=blank)


def test_hot_tables_are_cleaned_long_before_a_fifth_of_them_is_dead(postgres: Postgres) -> None:
    with postgres.database() as url:
        rows = dict(postgres.command("SELECT relname, reloptions FROM pg_class", name_of(url)))
    assert "autovacuum_vacuum_scale_factor=0.01" in rows["delivery"]
    assert "autovacuum_vacuum_insert_scale_factor=0.05" in rows["attempt"]
    assert "fillfactor=50" in rows["worker"]


def test_its_driver_is_not_loaded_for_sqlite(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "SYSMAIL_INSTANCE": str(tmp_path)}
    asked = "import sys, wsgi, sysmail.worker; print('psycopg' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", asked],
        env=environ, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.strip() == "False"
