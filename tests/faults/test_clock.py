"""Wrong clocks: a wall clock decides due times only, and what it put too far ahead comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import health
from sysmail.outbox import State, pull_back
from sysmail.people import Person
from tests.support.instance import make_app
from tests.support.invariants import assert_kept, assert_settled
from tests.support.post_office import add_news, add_people, deliveries, use_server, work
from tests.support.smtp_script import Close
from tests.support.smtpd import ScriptedSmtp

HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance", RETRY_SCHEDULE="10m,30m")


def off_by(delta: timedelta) -> time_machine.travel:
    return time_machine.travel(clock.now() + delta, tick=True)


@pytest.mark.parametrize("delta", [HOUR, YEAR])
def test_mail_posted_by_a_clock_that_was_ahead_goes_when_it_is_right_again(
    app: Flask, session: Session, alice: Person, delta: timedelta
) -> None:
    add_people(session, 5)
    with ScriptedSmtp() as server:
        use_server(app, server)
        with off_by(delta):
            add_news(session, alice)
        work(app)
        assert assert_settled(session, server).copies == 5


def test_a_clock_that_goes_back_in_the_middle_stops_nothing(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 40)
    with ScriptedSmtp() as server:
        use_server(app, server)
        with off_by(HOUR) as ahead:
            add_news(session, alice)

            def go_back(_: str) -> bool:
                if len(server.ledger) == 10:
                    ahead.shift(-HOUR)
                return False

            server.script("rcpt", "250 ok", when=go_back)
            work(app)
        work(app)
        assert assert_settled(session, server).copies == 40


def test_retries_put_off_by_a_clock_a_year_ahead_are_pulled_back(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 2)
    with ScriptedSmtp() as server:
        use_server(app, server)
        add_news(session, alice)
        server.script("rcpt", "451 4.7.1 greylisted")
        with off_by(YEAR):
            work(app)
        server.honest()
        work(app)
        assert assert_settled(session, server).copies == 2


@pytest.mark.parametrize("trouble", [Close(), "554 5.7.1 no"], ids=["waits", "paused"])
def test_an_account_put_off_by_a_clock_a_year_ahead_is_tried_again(
    app: Flask, session: Session, alice: Person, trouble: Close | str
) -> None:
    add_people(session, 2)
    with ScriptedSmtp() as server:
        use_server(app, server)
        add_news(session, alice)
        server.script("greeting", trouble)
        with off_by(YEAR):
            work(app)
        server.honest()
        work(app)
        assert assert_settled(session, server).copies == 2
        assert health(session).state == "active"


def test_a_clock_a_year_ahead_sends_and_gives_nothing_up(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 2)
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("rcpt", "451 4.7.1 greylisted")
        add_news(session, alice)
        work(app)
        with off_by(YEAR):
            work(app)
            assert {delivery.state for delivery in deliveries(session)} == {State.QUEUED}
            assert_kept(session, server)


def test_what_waits_as_long_as_a_server_may_ask_is_left_alone(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 1)
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("rcpt", "451 4.7.1 try again in 20 hours")
        add_news(session, alice)
        work(app)
        [delivery] = deliveries(session)
        due = delivery.due_at
        pull_back(session, app.extensions["sysmail.config"])
        session.commit()
        assert deliveries(session)[0].due_at == due > clock.now() + timedelta(hours=19)
