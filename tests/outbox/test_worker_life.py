"""Leases: who is dead is judged by beats and by the observer's own monotonic clock."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import db
from sysmail.outbox import (
    Claimant,
    Heart,
    Observer,
    Worker,
    boot_id,
    claim,
    own_id,
    worker_alive,
)
from tests.outbox.test_claim import WANTED, posted

pytestmark = pytest.mark.both_engines


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(clock, "monotonic", stopped)
    return stopped


def far_worker(session: Session, worker_id: str = "far:1:1") -> Worker:
    worker = Worker(
        id=worker_id, boot_id="another machine", pid=1, started_at=clock.now(),
        seen_at=clock.now(), beats=1,
    )  # fmt: skip
    session.add(worker)
    session.commit()
    return worker


def test_a_worker_without_a_beat_for_a_whole_lease_is_dead(
    session: Session, monotonic: Clock
) -> None:
    far_worker(session)
    observer = Observer("me", 30)
    assert observer.dead(session) == []
    monotonic.now += 29
    assert observer.dead(session) == []
    monotonic.now += 2
    assert observer.dead(session) == ["far:1:1"]


def test_one_that_still_beats_is_never_taken_over(session: Session, monotonic: Clock) -> None:
    far_worker(session)
    observer = Observer("me", 30)
    for _ in range(5):
        assert observer.dead(session) == []
        session.execute(update(Worker).values(beats=Worker.beats + 1))
        session.commit()
        monotonic.now += 29


def test_a_process_gone_from_this_machine_is_dead_at_once(session: Session) -> None:
    gone = f"{boot_id()[:36]}:999999:1"
    worker = far_worker(session, gone)
    place = f"{boot_id()}/{os.readlink('/proc/self/ns/pid')}"
    worker.boot_id, worker.pid = place, 999_999
    session.commit()
    assert Observer("me", 30).dead(session) == [gone]


def test_this_very_process_is_alive(session: Session) -> None:
    Heart(db.engine, own_id(), 30).beat()
    assert Observer("another", 30).dead(session) == []
    assert worker_alive(session)


def test_a_heart_that_missed_its_beats_lets_nobody_send_a_dot(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    boottime = Clock()
    monkeypatch.setattr(clock, "boottime", boottime)
    heart = Heart(db.engine, own_id(), 30)
    assert not heart.is_fresh()
    heart.beat()
    assert heart.renew()
    boottime.now += 24
    assert heart.is_fresh()
    boottime.now += 2
    assert not heart.is_fresh()


def test_a_lease_that_was_lost_stays_lost_until_nothing_is_claimed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    boottime = Clock()
    monkeypatch.setattr(clock, "boottime", boottime)
    heart = Heart(db.engine, own_id(), 30)
    heart.beat()
    heart.renew()
    boottime.now += 40
    heart.beat()
    assert not heart.is_fresh()
    assert heart.renew()
    assert heart.is_fresh()


def test_one_who_was_struck_off_has_lost_its_lease(session: Session) -> None:
    heart = Heart(db.engine, own_id(), 30)
    heart.beat()
    heart.renew()
    session.execute(delete(Worker))
    session.commit()
    heart.beat()
    assert not heart.is_fresh()


def test_one_that_beat_after_it_was_judged_is_not_struck_off(
    session: Session, monotonic: Clock
) -> None:
    far_worker(session)
    observer = Observer("me", 30)
    observer.dead(session)
    monotonic.now += 31
    [dead] = observer.dead(session)
    session.execute(update(Worker).values(beats=Worker.beats + 1))
    session.commit()
    assert not observer.strike_off(session, dead)
    session.execute(update(Worker).values(beats=Worker.beats - 1))
    assert observer.strike_off(session, dead)
    assert session.get(Worker, dead) is None


def test_claims_of_a_worker_that_is_not_on_the_list_are_found_after_a_lease(
    session: Session, monotonic: Clock
) -> None:
    posted(session, 1)
    claim(session, Claimant("stray", 3), WANTED, 1)
    session.commit()
    observer = Observer("me", 30)
    assert observer.dead(session) == []
    monotonic.now += 31
    assert observer.dead(session) == ["stray"]
    assert observer.strike_off(session, "stray")


def test_a_worker_taken_for_dead_puts_itself_back_on_the_list(session: Session) -> None:
    heart = Heart(db.engine, own_id(), 30)
    heart.beat()
    session.execute(Worker.__table__.delete())  # type: ignore[attr-defined]
    session.commit()
    heart.beat()
    assert worker_alive(session)
    heart.stop()
    assert not worker_alive(session)
