"""A paused account is asked once, however many workers there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import health
from sysmail.notifications import composer
from sysmail.outbox import Claimant, Dispatcher, State
from sysmail.people import Person
from sysmail.preferences import Choice, store_whole_choice
from tests.support.instance import make_app
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    deliveries,
    use_server,
    work,
)
from tests.support.smtp_client import PATIENT
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.both_engines

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path, database: dict[str, str]) -> Flask:
    return make_app(tmp_path / "instance", PROBE_SCHEDULE="15m,1h,4h", **database)


def dispatcher(app: Flask, name: str) -> Dispatcher:
    config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
    made = composer(config, vault)
    return Dispatcher(config, vault, made, Claimant(name, 3), lambda: True, PATIENT)


def test_three_workers_log_in_once_for_each_probe(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 30)
    with ScriptedSmtp(users={"portal": "new"}, tls=None) as server:
        use_server(app, server, password="old", use_smtp_auth=True, account_name="portal")
        add_news(session, alice)
        work(app)
        workers = [dispatcher(app, f"w{number}") for number in range(3)]
        with time_machine.travel(clock.now() + timedelta(minutes=16), tick=True):
            for one in workers:
                one.turn()
            while not all(one.is_idle() for one in workers):
                for one in workers:
                    one.wait(0.01)
                    one.turn()
            for one in workers:
                one.abandon()
            session.expire_all()
            wait = health(session).next_probe_at - clock.now()  # type: ignore[operator]
        assert server.login_attempts == 2
    assert health(session).probes == 1
    assert timedelta(minutes=59) < wait <= timedelta(hours=1)
    assert {(d.state, d.tries) for d in deliveries(session)} == {(State.QUEUED, 0)}
    assert_balanced(session)


def test_a_mail_that_must_wait_is_no_probe(app: Flask, session: Session, alice: Person) -> None:
    quiet = Choice("all", quiet_from="13:00", quiet_until="07:00", timezone="UTC")
    for person in add_people(session, 2):
        store_whole_choice(session, person.id, quiet)
    with ScriptedSmtp() as server, time_machine.travel(NOON, tick=True) as traveller:
        use_server(app, server)
        server.script("mail", "553 5.7.1 sender not allowed: portal@example.com")
        add_news(session, alice)
        work(app)
        assert health(session).state == "paused"
        server.honest("mail")
        traveller.shift(timedelta(hours=2))
        work(app)
        assert server.ledger == []
    assert health(session).state == "active"
