"""A whole worker does what is asked of it, soon, while it rests or sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Settings
from sysmail.audit import Actor
from sysmail.diagnosis import Asking, ask_check, read_checked
from sysmail.jobs import DONE, WAITING, Job
from sysmail.outbox import worker_alive
from sysmail.people import Person
from sysmail.worker import Worker
from tests.support.post_office import work
from tests.support.processes import wait_for
from tests.support.smtp_script import Silence
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.both_engines


@pytest.fixture
def worker(app: Flask, session: Session) -> Iterator[Worker]:
    """One that rests because there is nothing to do."""
    worker = Worker(app)
    thread = threading.Thread(target=worker.run)
    thread.start()
    wait_for(lambda: _fresh(session) and worker_alive(session), what="a worker")
    yield worker
    worker.stop()
    thread.join(10)
    assert not thread.is_alive()


def _fresh(session: Session) -> Session:
    session.rollback()
    session.expire_all()
    return session


def _ask(app: Flask, session: Session, alice: Person, server: ScriptedSmtp) -> Job:
    vault, config = app.extensions["sysmail.vault"], app.extensions["sysmail.config"]
    asking = Asking(Actor(alice.id, "Alice"), "alice@example.com", vault, config)
    typed = Settings("external", "portal@example.com", server.host, str(server.port), "plain")
    job = ask_check(session, asking, typed, 1)
    assert isinstance(job, Job)
    session.commit()
    return job


def test_a_resting_worker_is_woken_by_a_job(
    app: Flask, session: Session, alice: Person, worker: Worker
) -> None:
    with ScriptedSmtp() as server:
        job = _ask(app, session, alice, server)
        asked_at = clock.monotonic()
        wait_for(lambda: _fresh(session) and job.state != WAITING, what="a job begun")
        assert clock.monotonic() - asked_at < 1
        wait_for(lambda: _fresh(session) and job.state == DONE, what="a job done")
    assert read_checked(job.report).state == "ok"


def test_a_worker_that_is_stopped_leaves_no_job_running(
    app: Flask, session: Session, alice: Person, worker: Worker
) -> None:
    with ScriptedSmtp() as server:
        server.script("greeting", Silence())
        job = _ask(app, session, alice, server)
        server.wait_until("connections", 1)
        worker.stop()
        wait_for(lambda: _fresh(session) and job.state == DONE, what="the end of the job")
    assert job.report["lost"] is True


def test_a_drain_does_what_was_asked_before_it_ends(
    app: Flask, session: Session, alice: Person
) -> None:
    with ScriptedSmtp() as server:
        job = _ask(app, session, alice, server)
        work(app)
    assert _fresh(session).get(Job, job.id).state == DONE
