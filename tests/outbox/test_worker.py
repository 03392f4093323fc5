"""The worker against a real server: what is sent, what waits, what fails."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import health, try_now
from sysmail.audit import SYSTEM
from sysmail.outbox import State
from sysmail.people import Person, link_key
from sysmail.preferences import store_choice
from sysmail.vault import Vault, new_key
from tests.support.instance import make_app
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    attempts,
    deliveries,
    post_test,
    use_server,
    work,
)
from tests.support.smtp_script import Accept, Close
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.both_engines


@pytest.fixture
def app(tmp_path: Path, database: dict[str, str]) -> Flask:
    settings = {"RETRY_SCHEDULE": "10m,1h", "PROBE_SCHEDULE": "15m,1h", "GIVE_UP_AFTER": "1h"}
    return make_app(tmp_path / "instance", **settings, **database)


def later(**delta: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delta), tick=True)


def test_a_posted_test_arrives_byte_for_byte(app: Flask, session: Session) -> None:
    with ScriptedSmtp() as server:
        use_server(app, server)
        delivery = post_test(app)
        work(app)
        [mail] = server.ledger
    assert delivery.state == State.SENT
    assert mail.rcpt_to == ("alice@example.com",)
    assert mail.sha256 == delivery.sha256
    assert delivery.snapshot is None
    assert_balanced(session)


def test_pain_20_one_bad_address_stops_nobody_else(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 5)
    with ScriptedSmtp() as server:
        server.script("rcpt", "550 5.1.1 no such user", when=lambda arg: "p2@" in arg)
        use_server(app, server)
        add_news(session, alice)
        work(app)
        assert len(server.ledger) == 4
    states = {d.address: d.state for d in deliveries(session)}
    assert states.pop("p2@example.com") == State.FAILED
    assert set(states.values()) == {State.SENT}
    assert_balanced(session)


def test_a_greylisted_mail_waits_by_the_schedule_and_then_goes(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 1)
    with ScriptedSmtp() as server:
        server.script("rcpt", "451 4.7.1 greylisted")
        use_server(app, server)
        add_news(session, alice)
        work(app)
        [delivery] = deliveries(session)
        assert (delivery.state, delivery.tries) == (State.QUEUED, 1)
        wait = delivery.due_at - clock.now()
        assert timedelta(minutes=7) < wait < timedelta(minutes=13)
        server.honest("rcpt")
        with later(minutes=13):
            work(app)
        assert len(server.ledger) == 1
    assert deliveries(session)[0].state == State.SENT
    assert deliveries(session)[0].trouble_at is None


def test_a_mail_refused_for_too_long_is_given_up(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 1)
    with ScriptedSmtp() as server:
        server.script("rcpt", "451 4.7.1 come back later")
        use_server(app, server)
        add_news(session, alice)
        work(app)
        with later(hours=3):
            work(app)
        [delivery] = deliveries(session)
    assert delivery.state == State.FAILED
    assert [a.cause for a in attempts(session, delivery)] == ["recipient_try_later"] * 2


def test_a_dead_password_costs_one_login_and_no_mail_a_try(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 30)
    with ScriptedSmtp(users={"portal": "new"}, tls=None) as server:
        login = {"use_smtp_auth": True, "account_name": "portal"}
        use_server(app, server, password="old", **login)
        add_news(session, alice)
        work(app)
        assert server.login_attempts == 1
        state = health(session)
        assert (state.state, state.cause) == ("paused", "login_rejected")
        assert {(d.state, d.tries) for d in deliveries(session)} == {(State.QUEUED, 0)}
        with later(minutes=16):
            work(app)
            assert server.login_attempts == 2
            work(app)
            assert server.login_attempts == 2
            use_server(app, server, password="new", **login)
            work(app)
        assert len(server.ledger) == 30
    assert {d.state for d in deliveries(session)} == {State.SENT}
    assert health(session).state == "active"
    assert_balanced(session)


def test_a_probe_resumes_a_paused_account_by_itself(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 8)
    with ScriptedSmtp() as server:
        server.script("mail", "553 5.7.1 sender not allowed: portal@example.com")
        use_server(app, server)
        add_news(session, alice)
        work(app)
        assert health(session).cause == "sender_not_allowed"
        server.honest("mail")
        with later(minutes=16):
            work(app)
        assert len(server.ledger) == 8
    assert health(session).state == "active"


def test_try_now_does_not_wait_for_the_next_probe(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 3)
    with ScriptedSmtp() as server:
        server.script("greeting", "554 5.7.1 we do not talk to you")
        use_server(app, server)
        add_news(session, alice)
        work(app)
        assert health(session).state == "paused"
        server.honest("greeting")
        try_now(session, SYSTEM)
        session.commit()
        work(app)
        assert len(server.ledger) == 3


def test_a_paused_account_without_mail_resumes_by_logging_in(app: Flask, session: Session) -> None:
    with ScriptedSmtp() as server:
        server.script("greeting", "554 5.7.1 we do not talk to you")
        use_server(app, server)
        test = post_test(app)
        work(app)
        assert (test.state, test.cause) == (State.FAILED, "server_refuses_us")
        assert health(session).state == "paused"
        server.honest("greeting")
        with later(minutes=16):
            work(app)
    assert health(session).state == "active"


def test_a_server_that_is_down_pauses_nothing_and_charges_nothing(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 6)
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("greeting", Close())
        add_news(session, alice)
        work(app)
        assert health(session).state == "active"
        assert {(d.state, d.tries) for d in deliveries(session)} == {(State.QUEUED, 0)}
        assert server.connections <= 3
        server.honest("greeting")
        with later(minutes=13):
            work(app)
        assert len(server.ledger) == 6


def test_what_was_lost_after_the_dot_is_uncertain_and_repeats_with_equal_bytes(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 1)
    with ScriptedSmtp() as server:
        server.script("dot", Accept(Close()))
        use_server(app, server)
        add_news(session, alice)
        work(app)
        [delivery] = deliveries(session)
        assert (delivery.state, delivery.cause) == (State.UNCERTAIN, "no_answer_after_data")
        server.honest("dot")
        with later(minutes=16):
            work(app)
        first, second = server.ledger
    assert first.raw == second.raw
    assert deliveries(session)[0].state == State.SENT
    assert_balanced(session)


def test_a_choice_made_while_mail_waits_is_obeyed(
    app: Flask, session: Session, alice: Person
) -> None:
    quiet, keen = add_people(session, 2)
    with ScriptedSmtp() as server:
        server.script("rcpt", "451 4.7.1 later")
        use_server(app, server)
        add_news(session, alice)
        work(app)
        store_choice(session, quiet.id, "none", 0, "text")
        session.commit()
        server.honest("rcpt")
        with later(minutes=13):
            work(app)
        [mail] = server.ledger
    assert mail.rcpt_to == (keen.email,)
    withdrawn = next(d for d in deliveries(session) if d.person_id == quiet.id)
    assert (withdrawn.state, withdrawn.reason) == (State.WITHDRAWN, "switched_off")
    assert_balanced(session)


def test_a_new_sender_address_reaches_mail_that_already_waits(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 1)
    with ScriptedSmtp() as server:
        server.script("mail", "553 5.1.8 sender unknown", when=lambda arg: "wrong@" in arg)
        use_server(app, server, email_address="wrong@example.com")
        add_news(session, alice)
        work(app)
        use_server(app, server, email_address="right@example.com")
        work(app)
        [mail] = server.ledger
    assert mail.mail_from == "right@example.com"
    assert b"wrong@example.com" not in mail.raw


def test_a_lost_key_leaves_the_queue_whole_and_pauses(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 3)
    with ScriptedSmtp() as server:
        use_server(app, server)
        link_key(session, app.extensions["sysmail.vault"])
        add_news(session, alice)
        app.extensions["sysmail.vault"] = Vault((new_key(),))
        work(app)
        assert server.ledger == []
    assert (health(session).state, health(session).cause) == ("paused", "password_needed")
    assert {(d.state, d.tries) for d in deliveries(session)} == {(State.QUEUED, 0)}
    assert_balanced(session)
