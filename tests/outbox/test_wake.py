"""An idle worker rests until somebody has written something, and costs nothing meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import db
from sysmail.events import RECORD_ADDED, Snapshot, Subject, publish
from sysmail.outbox import Priority, Wake, post, wake_for
from tests.support.processes import wait_for

_LISTENER = "FROM pg_stat_activity WHERE datname = current_database() AND query ~ 'advisory'"
only_postgresql = pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.xdist_group("postgres"))],
    indirect=True,
)  # fmt: skip


@pytest.fixture
def wake(session: Session) -> Iterator[Wake]:
    wake = wake_for(db.engine)
    yield wake
    wake.close()


def fall_asleep(wake: Wake) -> None:
    """Looks for work until there is none, as a worker does."""
    while wake.wait(0):
        pass


def sleepers(session: Session) -> int:
    locks = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    found = session.scalar(locks)
    session.rollback()
    return int(found or 0)


def mail(session: Session) -> None:
    post(session, "account", Priority.ACCOUNT, "bob@example.com", "", None, "sealed")
    session.commit()


def news(session: Session) -> None:
    publish(session, RECORD_ADDED, None, Subject(), Snapshot())
    session.commit()


@pytest.mark.both_engines
@pytest.mark.parametrize("write", [mail, news])
def test_whoever_sleeps_is_woken_by_what_is_written(
    app: Flask, session: Session, wake: Wake, write: object
) -> None:
    fall_asleep(wake)

    def work() -> None:
        with app.app_context():
            write(db.session())  # type: ignore[operator]

    writer = threading.Timer(0.1, work)
    writer.start()
    begun = clock.monotonic()
    assert wake.wait(10)
    assert clock.monotonic() - begun < 5
    writer.join()


@pytest.mark.both_engines
def test_nothing_written_wakes_nobody(wake: Wake) -> None:
    fall_asleep(wake)
    assert not wake.wait(0.05)


@pytest.mark.both_engines
def test_a_ring_from_another_thread_ends_the_rest_once(wake: Wake) -> None:
    fall_asleep(wake)
    ringer = threading.Timer(0.05, wake.ring)
    ringer.start()
    assert wake.wait(10)
    ringer.join()
    fall_asleep(wake)
    assert not wake.wait(0)


@pytest.mark.both_engines
def test_a_ring_before_the_rest_is_not_lost(wake: Wake) -> None:
    fall_asleep(wake)
    wake.ring()
    wake.ring()
    assert wake.wait(10)


@only_postgresql
def test_nobody_is_told_while_the_worker_is_busy(session: Session, wake: Wake) -> None:
    fall_asleep(wake)
    assert sleepers(session) == 1
    wake.rise()
    assert sleepers(session) == 0
    mail(session)
    # Lying down says "look once more", and so does the first short rest; a telling would be third.
    assert [wake.wait(0) for _ in range(3)] == [True, True, False]


@only_postgresql
def test_what_is_committed_while_the_worker_lies_down_is_found(
    session: Session, wake: Wake
) -> None:
    post(session, "account", Priority.ACCOUNT, "bob@example.com", "", None, "sealed")
    assert wake.wait(10)
    session.commit()
    begun = clock.monotonic()
    assert wake.wait(10)
    assert clock.monotonic() - begun < 1


@only_postgresql
def test_resting_asks_the_database_nothing(session: Session, wake: Wake) -> None:
    fall_asleep(wake)
    asked = text(f"SELECT query_start, state {_LISTENER} AND pid <> pg_backend_pid()")
    before = session.execute(asked).all()
    assert not wake.wait(0.2)
    session.rollback()
    assert session.execute(asked).all() == before
    assert [row.state for row in before] == ["idle"]


@only_postgresql
def test_a_lost_connection_is_made_anew_and_work_looked_for(session: Session, wake: Wake) -> None:
    fall_asleep(wake)
    session.execute(
        text(f"SELECT pg_terminate_backend(pid) {_LISTENER} AND pid <> pg_backend_pid()")
    )
    session.commit()
    mail(session)
    wait_for(lambda: wake.wait(0.05), what="a look for work")
    fall_asleep(wake)
    assert sleepers(session) == 1
    mail(session)
    assert wake.wait(10)
