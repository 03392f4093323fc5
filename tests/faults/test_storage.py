"""Database and disk that refuse: what cannot be recorded is not sent, and all goes on by itself."""

from __future__ import annotations

import sqlite3
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.outbox import State
from sysmail.people import Person
from tests.support.battlefield import Battlefield, battlefield
from tests.support.invariants import assert_kept, assert_settled
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    attempts,
    deliveries,
    use_server,
    work,
)
from tests.support.processes import wait_for
from tests.support.smtp_script import Delay, Silence
from tests.support.smtpd import ScriptedSmtp


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process' long write, such as a backup: nobody else can write meanwhile."""
    with closing(
        sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    ) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def await_refusal(field: Battlefield, number: int = 1) -> None:
    wait_for(lambda: field.log.exists() and field.log.read_text().count("refuses") >= number)


def test_what_is_published_beside_a_long_writer_waits_for_it_and_is_kept(
    tmp_path: Path, app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 3)
    with ScriptedSmtp() as server:
        use_server(app, server)
        lock = locked(tmp_path / "instance" / "sysmail.db")
        lock.__enter__()
        release = threading.Timer(0.7, lock.__exit__, (None, None, None))
        began = time.monotonic()
        release.start()
        add_news(session, alice)
        release.join()
        assert 0.6 < time.monotonic() - began < 5
        work(app)
        assert assert_settled(session, server).copies == 3


def test_a_database_locked_at_the_claim_delays_and_nothing_more(tmp_path: Path) -> None:
    with battlefield(tmp_path / "i", mails=10) as field:
        field.server.script("dot", Delay(0.02))
        field.worker(is_hasty=True)
        field.server.wait_for(1, 20)
        with locked(tmp_path / "i" / "sysmail.db"):
            await_refusal(field)
            seen = len(field.server.ledger)
        field.await_count(10, State.SENT)
        assert seen < 10
        assert assert_settled(field.session, field.server).copies == 10


def test_a_database_locked_from_the_start_keeps_everything_back(tmp_path: Path) -> None:
    with battlefield(tmp_path / "i", mails=4) as field:
        with locked(tmp_path / "i" / "sysmail.db"):
            field.worker(is_hasty=True)
            await_refusal(field)
            assert field.server.connections == 0
        field.await_count(4, State.SENT)
        assert assert_settled(field.session, field.server).copies == 4


def test_a_database_locked_when_the_answer_comes_is_told_later(tmp_path: Path) -> None:
    with battlefield(tmp_path / "i", mails=1) as field:
        field.server.script("dot", Delay(1.0))
        field.worker(is_hasty=True)
        wait_for(lambda: "DATA" in field.server.commands)
        with locked(tmp_path / "i" / "sysmail.db"):
            field.server.wait_for(1, 20)
            await_refusal(field)
        field.await_count(1, State.SENT)
        assert assert_settled(field.session, field.server).copies == 1


@pytest.mark.parametrize("after", [0, 3, 9])
def test_a_full_disk_stops_the_dots_and_everything_goes_on_once_there_is_room(
    tmp_path: Path, after: int
) -> None:
    with battlefield(tmp_path / "i", mails=24) as field:
        field.server.script("dot", Delay(0.05))
        worker = field.worker(is_hasty=True)
        wait_for(lambda: len(field.server.ledger) >= after)
        with worker.full_disk():
            time_of_refusal = time.monotonic()
            wait_for(lambda: time.monotonic() > time_of_refusal + 1.5)
            seen = len(field.server.ledger)
            assert worker.is_alive
        assert seen <= after + 8
        field.await_count(24, State.SENT)
        assert assert_settled(field.session, field.server).copies == 24


def test_a_worker_killed_on_a_full_disk_leaves_doubt_but_no_unexplained_copy(
    tmp_path: Path,
) -> None:
    with battlefield(tmp_path / "i", mails=12) as field:
        field.server.script("dot", Delay(0.3))
        worker = field.worker(is_hasty=True)
        field.server.wait_for(2, 20)
        with worker.full_disk():
            seen = len(field.server.ledger)
            # Where no dot was under way when the disk filled, none can follow.
            until = time.monotonic() + 2
            wait_for(lambda: len(field.server.ledger) > seen or time.monotonic() > until)
            worker.kill()
        field.finish()
        assert_settled(field.session, field.server, kills=1)


# Whose commit it is, and how often that one succeeds before.
COMMITS = [("_expand", 0), ("turn", 0), ("turn", 1), ("finish", 0), ("finish", 1)]


@pytest.mark.both_engines
@pytest.mark.parametrize(("whose", "left"), COMMITS)
def test_a_commit_whose_answer_is_lost_neither_loses_nor_repeats(
    app: Flask,
    session: Session,
    alice: Person,
    whose: str,
    left: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_people(session, 9)
    with ScriptedSmtp() as server:
        use_server(app, server)
        add_news(session, alice)
        dialect = db.engine.dialect
        commit = dialect.do_commit

        def lose(connection: object) -> None:
            nonlocal left
            commit(connection)
            names = (frame.name for frame in reversed(traceback.extract_stack()))
            if next((name for name in names if (name, 0) in COMMITS), "") == whose:
                left -= 1
                if left == -1:
                    raise dialect.loaded_dbapi.OperationalError("the answer was lost")

        monkeypatch.setattr(dialect, "do_commit", lose)
        work(app)
        assert left < 0
        assert assert_settled(session, server).copies == 9
        assert [len(attempts(session, one)) for one in deliveries(session)] == [1] * 9


def test_a_capture_that_cannot_be_written_is_tried_again(
    tmp_path: Path, session: Session, app: Flask, alice: Person
) -> None:
    add_people(session, 2)
    folder = tmp_path / "instance" / "captured"
    folder.write_text("in the way")
    add_news(session, alice)
    work(app)
    assert {delivery.state for delivery in deliveries(session)} == {State.QUEUED}
    folder.unlink()
    for delivery in deliveries(session):
        delivery.due_at = delivery.created_at
    session.commit()
    work(app)
    assert {delivery.state for delivery in deliveries(session)} == {State.SENT}
    assert len(list(folder.glob("*.eml"))) == 2
    assert_balanced(session)


def test_an_instance_whose_journals_are_gone_puts_in_doubt_and_loses_nothing(
    tmp_path: Path,
) -> None:
    with battlefield(tmp_path / "i", mails=8) as field:
        field.server.script("dot", Silence(), times=1)
        worker = field.worker()
        field.await_count(1, State.SENDING)
        worker.kill()
        for journal in (tmp_path / "i" / "journals").iterdir():
            journal.unlink()
        claimed = field.count(State.SENDING)
        field.finish()
        both = assert_kept(field.session, field.server, kills=1, connections=128)
        assert both.doubts == claimed
        assert field.count(State.SENT) == 8
