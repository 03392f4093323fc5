"""What machines ask: /healthz, /readyz and /metrics."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import db
from sysmail.outbox import State, Worker
from tests.support.instance import make_app
from tests.support.troubles import REFUSED_LOGIN, troubled


def _worker(session: Session) -> None:
    now = clock.now()
    session.add(Worker(id="w", boot_id="b", pid=1, started_at=now, seen_at=now))
    session.commit()


def _value(app: Flask, name: str) -> float:
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200, answer.text
    found = re.search(rf"^{re.escape(name)} (\S+)$", answer.text, re.MULTILINE)
    assert found, answer.text
    return float(found[1])


def test_the_web_process_says_that_it_is_alive_without_asking_the_database(app: Flask) -> None:
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert asked == []
    assert "Set-Cookie" not in answer.headers


@pytest.mark.both_engines
def test_ready_means_database_schema_and_worker(app: Flask, session: Session) -> None:
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "ready": False,
        "database": "ok",
        "schema": "ok",
        "worker": "none was seen within 30 seconds",
    }
    _worker(session)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json and answer.json["ready"]) == (200, True)


def test_another_schema_is_not_ready(app: Flask, session: Session) -> None:
    _worker(session)
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "at 0000, not" in answer.text


def test_a_lost_database_is_not_ready_and_has_no_metrics(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        db.engine.dispose()
    for part in (tmp_path / "instance").glob("sysmail.db*"):
        part.unlink()
    (tmp_path / "instance" / "sysmail.db").write_bytes(b"overwritten by a disk" * 1000)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "cannot be used"
    assert app.test_client().get("/metrics").status_code == 503


@pytest.mark.both_engines
def test_the_metrics_tell_of_queue_tries_account_workers_and_ledger(
    app: Flask, session: Session
) -> None:
    troubled(session, State.FAILED)
    troubled(session, State.QUEUED, REFUSED_LOGIN, minutes_ago=2)
    _worker(session)
    assert _value(app, 'sysmail_notices{state="failed"}') == 1
    assert _value(app, 'sysmail_notices{state="queued"}') == 1
    assert _value(app, 'sysmail_attempts_total{outcome="permanent"}') == 1
    assert 120 <= _value(app, "sysmail_oldest_due_seconds") < 180
    assert _value(app, "sysmail_account_paused") == 0
    assert _value(app, "sysmail_workers") == 1
    assert _value(app, "sysmail_held") == 0
    # The rows above were never counted as posted.
    assert _value(app, "sysmail_ledger_difference") == -2


@pytest.mark.parametrize(
    ("peer", "header", "status"),
    [
        ("127.0.0.1", None, 200),
        ("::1", None, 200),
        ("::ffff:127.0.0.1", None, 200),
        ("192.0.2.7", None, 403),
        ("", None, 403),
        ("127.0.0.1", "X-Forwarded-For", 403),
        ("127.0.0.1", "X-Forwarded-Host", 403),
        ("127.0.0.1", "Forwarded", 403),
        ("127.0.0.1", "X-Real-IP", 403),
        ("127.0.0.1", "Via", 403),
    ],
)
def test_without_a_token_only_this_very_machine_reads_metrics(
    app: Flask, peer: str, header: str | None, status: int
) -> None:
    headers = {header: "192.0.2.7"} if header else {}
    answer = app.test_client().get(
        "/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": peer}
    )
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        ("Basic s3cret", 401),
        ("s3cret", 401),
        ("Bearer s3cret", 200),
        ("bearer s3cret", 200),
    ],
)
def test_with_a_token_its_bearer_reads_metrics_from_anywhere(
    tmp_path: Path, given: str | None, status: int
) -> None:
    app = make_app(tmp_path / "instance", METRICS_TOKEN="s3cret")
    headers = {"X-Forwarded-For": "192.0.2.7", **({"Authorization": given} if given else {})}
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == status
    assert "s3cret" not in answer.text
    assert "Set-Cookie" not in answer.headers
