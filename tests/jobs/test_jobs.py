"""What pages ask of the worker: asked for, done, replaced, lost, and forgotten in time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from sysmail import clock
from sysmail.db import db
from sysmail.jobs import (
    DONE,
    LOST,
    REPLACED,
    RUNNING,
    WAITING,
    Job,
    JobRunner,
    Report,
    ask,
    find,
    forget,
    values_of,
)
from sysmail.vault import Vault, new_key
from tests.support.processes import wait_for

pytestmark = pytest.mark.both_engines
VALUES = {"host": "smtp.example.com", "password": "s3cret 電池"}
Start = Callable[..., JobRunner]


@pytest.fixture
def vault(app: Flask) -> Vault:
    found = app.extensions["sysmail.vault"]
    assert isinstance(found, Vault)
    return found


@pytest.fixture
def start(session: Session, vault: Vault) -> Iterator[Start]:
    """Starts runners; each is stopped in the end."""
    started: list[JobRunner] = []

    def begin(**handlers: Any) -> JobRunner:
        started.append(JobRunner(sessionmaker(db.engine), vault, handlers))
        started[-1].start()
        return started[-1]

    yield begin
    for runner in started:
        runner.stop()


def _ask(session: Session, vault: Vault, person_id: int = 1, kind: str = "check") -> Job:
    job = ask(session, vault, kind, VALUES, person_id)
    session.commit()
    return job


def _state(session: Session, job: Job) -> str:
    session.rollback()
    session.expire_all()
    return job.state


def _await(session: Session, job: Job, state: str = DONE) -> Job:
    wait_for(lambda: _state(session, job) == state, 10, f"a job that is {state}")
    return job


def later(**delta: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delta), tick=True)


class Held:
    """A handler that tells it began, and goes on when it is let go or cancelled."""

    def __init__(self) -> None:
        self.began = threading.Semaphore(0)
        self.release = threading.Event()
        self.was_cancelled = False

    def __call__(self, _values: Mapping[str, Any], report: Report) -> None:
        report.write({"steps": 1})
        self.began.release()
        while not self.release.wait(0.01):
            if report.cancelled():
                self.was_cancelled = True
                report.write({"steps": 99})
                return


def test_a_job_is_done_soon_with_the_values_it_was_asked_with(
    session: Session, vault: Vault, start: Start
) -> None:
    seen = []

    def handler(values: Mapping[str, Any], report: Report) -> None:
        seen.append(dict(values))
        report.write({"ok": True})

    runner = start(check=handler)
    job = _ask(session, vault)
    asked_at = clock.monotonic()
    runner.nudge()
    _await(session, job)
    assert clock.monotonic() - asked_at < 1
    assert seen == [VALUES]
    assert job.report == {"ok": True}
    assert job.ended_at is not None


def test_a_fault_of_our_own_keeps_no_job_waiting(
    session: Session, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    sessions, faults = sessionmaker(db.engine), ["secret of a fault"]

    def opened() -> Session:
        if faults:
            raise ArithmeticError(faults.pop())
        return sessions()

    runner = JobRunner(opened, vault, {"check": lambda _values, report: report.write({})})
    runner.start()
    _await(session, _ask(session, vault))
    runner.stop()
    assert "a fault while jobs were looked for, which goes on: ArithmeticError at " in caplog.text
    assert "secret of a fault" not in caplog.text


def test_values_are_sealed_and_open_only_for_that_person_and_kind(
    session: Session, vault: Vault
) -> None:
    job = _ask(session, vault)
    assert job.values is not None
    assert "s3cret" not in job.values
    assert values_of(vault, job) == VALUES
    assert values_of(Vault((new_key(),)), job) is None
    job.person_id = 2
    assert values_of(vault, job) is None


def test_a_job_is_found_by_its_kind_and_its_person_alone(session: Session, vault: Vault) -> None:
    job = _ask(session, vault, person_id=1)
    assert find(session, job.id, "check", 1) is job
    assert find(session, job.id, "check") is job
    assert find(session, job.id, "check", 2) is None
    assert find(session, job.id, "oauth", 1) is None
    assert find(session, job.id + 1, "check", 1) is None


def test_a_new_job_replaces_the_one_that_runs(session: Session, vault: Vault, start: Start) -> None:
    held = Held()
    start(check=held)
    first = _await(session, _ask(session, vault), RUNNING)
    assert held.began.acquire(timeout=5)
    second = _ask(session, vault)
    assert _state(session, first) == DONE
    assert first.report == {"steps": 1, REPLACED: True}
    wait_for(lambda: held.was_cancelled, what="the handler to be told")
    held.release.set()
    _await(session, second)
    assert _await(session, first).report == {"steps": 1, REPLACED: True}


def test_other_people_and_other_kinds_are_left_alone(session: Session, vault: Vault) -> None:
    mine = _ask(session, vault, person_id=1)
    theirs = _ask(session, vault, person_id=2)
    other = _ask(session, vault, person_id=1, kind="sender")
    _ask(session, vault, person_id=1)
    assert [_state(session, job) for job in (mine, theirs, other)] == [DONE, WAITING, WAITING]


def test_two_are_done_at_a_time_and_the_third_waits(
    session: Session, vault: Vault, start: Start
) -> None:
    held = Held()
    runner = start(check=held)
    jobs = [_ask(session, vault, person_id=number) for number in range(3)]
    runner.nudge()
    assert held.began.acquire(timeout=5)
    assert held.began.acquire(timeout=5)
    assert _state(session, jobs[2]) == WAITING
    assert not runner.is_idle()
    held.release.set()
    for job in jobs:
        assert _await(session, job).report == {"steps": 1}
    wait_for(runner.is_idle, what="an idle runner")


def test_two_runners_never_do_the_same_job(session: Session, vault: Vault, start: Start) -> None:
    done: list[str] = []

    def handler(values: Mapping[str, Any], _report: Report) -> None:
        done.append(values["host"])

    runners = [start(check=handler) for _ in range(2)]
    jobs = [_ask(session, vault, person_id=number) for number in range(10)]
    for runner in runners:
        runner.nudge()
    for job in jobs:
        _await(session, job)
    assert len(done) == len(jobs)


def test_a_handler_that_breaks_loses_its_job_and_stops_nobody(
    session: Session, vault: Vault, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_values: Mapping[str, Any], report: Report) -> None:
        report.write({"steps": 1})
        raise ZeroDivisionError("s3cret")

    start(check=broken, sender=lambda _values, report: report.write({"ok": True}))
    job = _ask(session, vault)
    assert _await(session, job).report == {"steps": 1, LOST: True}
    assert _await(session, _ask(session, vault, kind="sender")).report == {"ok": True}
    assert "a fault in a job, which is lost: ZeroDivisionError at broken:" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_runner_that_stops_says_that_its_job_is_lost(
    session: Session, vault: Vault, start: Start
) -> None:
    held = Held()
    runner = start(check=held)
    job = _ask(session, vault)
    assert held.began.acquire(timeout=5)
    runner.stop()
    assert _await(session, job).report == {"steps": 99, LOST: True}
    assert not runner.is_alive()


def test_a_job_whose_worker_died_is_lost_after_its_time(session: Session, vault: Vault) -> None:
    job = _ask(session, vault)
    session.execute(update(Job).values(state=RUNNING, started_at=clock.now()))
    forget(session, clock.now() + timedelta(seconds=59))
    assert job.state == RUNNING
    forget(session, clock.now() + timedelta(seconds=61))
    session.commit()
    assert _await(session, job).report == {LOST: True}


def test_values_are_gone_after_fifteen_minutes_and_the_row_after_a_day(
    session: Session, vault: Vault
) -> None:
    job = _ask(session, vault)
    job.state = DONE
    session.commit()
    with later(minutes=14):
        forget(session, clock.now())
        assert values_of(vault, job) == VALUES
    with later(minutes=15, seconds=1):
        assert values_of(vault, job) is None
        forget(session, clock.now())
        session.commit()
    session.expire_all()
    assert job.values is None
    forget(session, clock.now() + timedelta(days=1))
    session.commit()
    assert session.scalars(select(Job)).all() == []


def test_a_job_nobody_came_for_is_lost_with_its_values(session: Session, vault: Vault) -> None:
    job = _ask(session, vault)
    forget(session, clock.now() + timedelta(minutes=15))
    session.commit()
    session.expire_all()
    assert (job.state, job.values, job.report) == (DONE, None, {LOST: True})
