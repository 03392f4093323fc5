"""System information: the facts an administrator can look up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Health
from sysmail.db import db
from sysmail.outbox import State, Worker
from sysmail.people import Installation, Person
from tests.support.page import Page
from tests.support.troubles import NO_ANSWER, troubled

FIRST_DAY = datetime(2019, 9, 7, 12, tzinfo=UTC)


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


def _worker(session: Session, seconds_ago: float) -> None:
    at = clock.now() - timedelta(seconds=seconds_ago)
    name = f"boot:{seconds_ago}"
    session.add(Worker(id=name, boot_id="boot", pid=42, started_at=at, seen_at=at))
    session.commit()


def test_only_administrators_may_look(app: Flask, bob: Person) -> None:
    Page(app).sign_in(bob).get("/admin/system", status=403)


def test_the_date_of_the_first_set_up_can_be_looked_up(page: Page, session: Session) -> None:
    session.merge(Installation(id=1, created_at=FIRST_DAY, link_key="sealed"))
    session.commit()
    page.get("/admin/system")
    assert "Date this installation was first set up" in page.text
    assert "7 Sep 2019" in page.text


def test_version_and_database_are_told(page: Page, tmp_path: Path) -> None:
    page.get("/admin/system")
    assert f"Sysmail {version('sysmail')}" in page.text
    assert "SQLite 3" in page.text
    assert str(tmp_path / "instance" / "sysmail.db") in page.text


def test_without_a_worker_the_page_says_that_no_mail_goes(page: Page, session: Session) -> None:
    assert "No worker is running: mail waits" in page.get("/admin/system").text
    _worker(session, seconds_ago=60)
    page.get("/admin/system")
    assert "No worker is running: mail waits" in page.text
    assert "gone" in page.one("#worker").closest("section").text


def test_a_worker_seen_lately_is_alive(page: Page, session: Session) -> None:
    _worker(session, seconds_ago=5)
    page.get("/admin/system")
    assert "No worker is running: mail waits" not in page.text
    assert "alive" in page.one('[data-worker="boot:5"]').closest("section").text


def test_the_ledger_is_shown_by_state(page: Page, session: Session) -> None:
    troubled(session, State.FAILED)
    page.get("/admin/system")
    assert page.one('[data-ledger="failed"]').text == "1"
    assert page.one('[data-ledger="sent"]').text == "0"


def test_the_state_of_the_mail_account_is_told(page: Page, session: Session) -> None:
    now = clock.now()
    health = Health(id=1, since=now, last_accepted_at=now, last_accepted_host="mx.example.org")
    session.add(health)
    session.commit()
    page.get("/admin/system")
    assert "Built-in" in page.text
    assert "mx.example.org" in page.text


def test_the_page_tells_depth_oldest_due_and_rate(page: Page, session: Session) -> None:
    troubled(session, State.QUEUED, minutes_ago=2)
    for minutes in (1, 4, 6):
        seen = {**NO_ANSWER, "outcome": "sent", "cause": None}
        troubled(session, State.SENT, seen, minutes, trouble_at=None)
    page.get("/admin/system")
    assert page.one('[data-pulse="depth"]').text == "1"
    assert "2 minutes ago" in page.one('[data-pulse="oldest"]').text
    assert page.one('[data-pulse="accepted"]').text.startswith("2 ")


def test_the_page_asks_again_by_itself_without_writing(
    app: Flask, alice: Person, session: Session
) -> None:
    page = Page(app, htmx=True).sign_in(alice).get("/admin/system")
    written: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: written.append(a[2]))
    troubled(session, State.QUEUED)
    del written[:]
    assert page.poll()
    assert page.one('[data-pulse="depth"]').text == "1"
    assert written != []
    assert all(statement.startswith("SELECT") for statement in written)
