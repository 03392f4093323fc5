"""Mail servers that go away, change their mind, or are simply wrong about us."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import health
from sysmail.outbox import Attempt, Delivery, State
from sysmail.people import Person
from tests.support.battlefield import battlefield
from tests.support.deliver import deliver
from tests.support.instance import make_app
from tests.support.invariants import assert_kept, assert_settled, secrets_found
from tests.support.ports import closed_port
from tests.support.post_office import (
    add_news,
    add_people,
    attempts,
    deliveries,
    post_test,
    use_server,
    work,
)
from tests.support.smtp_client import short_at
from tests.support.smtp_script import (
    Accept,
    Action,
    Close,
    Delay,
    Drip,
    Endless,
    Raw,
    Reset,
    Silence,
)
from tests.support.smtp_tls import ca_file
from tests.support.smtpd import ScriptedSmtp

LOGIN = {"use_smtp_auth": True, "account_name": "portal"}


@pytest.fixture
def app(tmp_path: Path, request: pytest.FixtureRequest) -> Flask:
    connections = getattr(request, "param", "2")
    folder = tmp_path / "instance"
    return make_app(folder, CA_FILE=ca_file(), DELIVERY_CONNECTIONS=connections)


def later(**delta: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delta), tick=True)


def causes(session: Session) -> set[str | None]:
    return set(session.scalars(select(Attempt.cause)))


def queued(session: Session) -> int:
    """Mails that wait without having been charged a try."""
    waiting = select(func.count(Delivery.id)).where(Delivery.state == State.QUEUED)
    return session.scalar(waiting.where(Delivery.tries == 0)) or 0


def test_a_server_that_reboots_for_two_minutes_pauses_nothing_and_charges_nothing(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 12)
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("greeting", Reset())
        server.script("dot", Reset(), times=1)
        add_news(session, alice)
        work(app)
        for minutes in (1.2, 1.9):
            with later(minutes=minutes):
                work(app)
        assert health(session).state == "active"
        assert queued(session) == 12
        assert server.connections <= 3
        server.honest()
        with later(minutes=10):
            work(app)
        assert_settled(session, server)
        assert health(session).waits == 0


def test_a_dead_password_with_thousands_queued_costs_one_login_and_then_one_a_probe(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    add_people(session, 5000)
    with ScriptedSmtp(users={"portal": "the new one"}) as server:
        use_server(app, server, password="the old one", **LOGIN)
        add_news(session, alice)
        began = time.monotonic()
        work(app)
        assert time.monotonic() - began < 10
        assert server.login_attempts == 1
        assert (health(session).state, health(session).cause) == ("paused", "login_rejected")
        for probes, minutes in ((2, 16), (2, 40), (3, 80)):
            with later(minutes=minutes):
                work(app)
            assert server.login_attempts == probes
        assert queued(session) == 5000
        with later(minutes=81):
            use_server(app, server, password="the new one", **LOGIN)
            work(app)
        both = assert_settled(session, server)
        assert both.copies == 5000
        assert server.logins <= 4
    assert secrets_found(tmp_path / "instance", ["the new one", "the old one"]) == []


@pytest.mark.parametrize("app", ["1"], indirect=True)
def test_a_kept_connection_that_was_closed_between_two_mails_is_no_try(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 4)
    with ScriptedSmtp() as server:
        use_server(app, server)
        idle = Close("421 4.4.2 idle too long")
        server.script("mail", idle, when=lambda _: len(server.ledger) == 1, times=1)
        add_news(session, alice)
        work(app)
        both = assert_settled(session, server)
        assert both.copies == 4
        assert {len(attempts(session, delivery)) for delivery, _ in both.told} == {1}


def test_a_half_open_peer_is_given_up_at_the_deadline(app: Flask, session: Session) -> None:
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("mail", Silence())
        test = post_test(app)
        began = time.monotonic()
        deliver(app, short_at("mail", seconds=0.5))
        assert time.monotonic() - began < 3
        session.refresh(test)
        assert (test.state, test.cause) == (State.FAILED, "connection_lost")


@pytest.mark.parametrize("phase", ["greeting", "ehlo", "mail", "rcpt", "dot"])
def test_a_drip_overshoots_no_deadline(app: Flask, session: Session, phase: str) -> None:
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script(phase, Drip("250 " + "slow " * 200, 0.05))
        test = post_test(app)
        deliver(app, short_at(phase, seconds=0.5))
        [attempt] = attempts(session, test)
        assert attempt.phase == phase
        assert 450 < attempt.milliseconds < 1500


QUITS: dict[str, Action] = {
    "refused": "554 5.5.1 no",
    "garbage": Raw(b"\xff\xfe\r\n"),
    "silence": Silence(),
    "reset": Reset(),
    "endless": Endless(),
}


@pytest.mark.parametrize("quit_with", QUITS.values(), ids=QUITS)
def test_a_bad_quit_changes_nothing(app: Flask, session: Session, quit_with: Action) -> None:
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("quit", quit_with)
        test = post_test(app)
        deliver(app)
        session.refresh(test)
        assert test.state == State.SENT
        assert_settled(session, server)


@pytest.mark.parametrize("reply", ["250 ok", "252 2.0.0 will try", "200 fine", "299 2.9.9 odd"])
def test_any_2xx_after_the_dot_is_an_acceptance(app: Flask, session: Session, reply: str) -> None:
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("dot", reply)
        post_test(app)
        deliver(app)
        assert_settled(session, server)


@pytest.mark.parametrize("accepts", [True, False])
def test_pain_9_silence_after_the_dot_repeats_with_equal_bytes_and_then_rests(
    app: Flask, session: Session, alice: Person, accepts: bool
) -> None:
    add_people(session, 1)
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("dot", Accept(Silence()) if accepts else Silence())
        add_news(session, alice)
        for hours in range(8):
            with later(hours=hours):
                deliver(app, short_at("dot"))
        both = assert_kept(session, server)
        [(delivery, doubts)] = both.told
        assert (delivery.state, doubts) == (State.UNCERTAIN, 4)
        assert both.copies == (4 if accepts else 0)


def test_a_quota_pauses_once_two_domains_met_it_and_the_window_ends_it(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 3, "one.example")
    add_people(session, 3, "two.example")
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("rcpt", "550 5.4.5 daily sending quota exceeded")
        add_news(session, alice)
        work(app)
        assert (health(session).state, health(session).cause) == ("paused", "quota_exceeded")
        assert State.FAILED not in {delivery.state for delivery in deliveries(session)}
        server.honest()
        for hours in (5, 10, 26, 27):
            with later(hours=hours):
                work(app)
        assert_settled(session, server)


def test_a_certificate_that_expires_while_mail_flows_pauses_and_loses_nothing(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 20)
    with ScriptedSmtp(tls="starttls") as server:
        use_server(app, server, encryption="starttls")

        def is_time(_: str) -> bool:
            if len(server.ledger) >= 5:
                server.options.certificate = "expired"
            return server.options.certificate == "expired"

        server.script("mail", Close("421 4.3.2 restarting"), when=is_time)
        add_news(session, alice)
        work(app)
        assert (health(session).state, health(session).cause) == ("paused", "certificate_expired")
        assert_kept(session, server)
        assert queued(session) >= 13
        server.honest()
        server.options.certificate = "good"
        with later(minutes=16):
            work(app)
        assert_settled(session, server)


@pytest.mark.parametrize(
    ("certificate", "cause"),
    [
        ("expired", "certificate_expired"),
        ("not_yet_valid", "certificate_not_yet_valid"),
        ("wrong_name", "certificate_wrong_name"),
        ("untrusted", "certificate_untrusted"),
    ],
)
def test_a_certificate_that_proves_nothing_pauses_before_anything_is_said(
    app: Flask, session: Session, alice: Person, certificate: str, cause: str
) -> None:
    add_people(session, 3)
    users = {"portal": "secret words"}
    with ScriptedSmtp(users=users, tls="starttls", certificate=certificate) as server:
        use_server(app, server, encryption="starttls", password="secret words", **LOGIN)
        add_news(session, alice)
        work(app)
        assert (health(session).state, health(session).cause) == ("paused", cause)
        assert server.login_attempts == 0
        assert queued(session) == 3


def test_pain_24_a_throttling_server_slows_the_whole_account_and_charges_nothing(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 20)
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script("mail", "454 4.7.0 throttling: sending rate exceeded")
        add_news(session, alice)
        work(app)
        assert health(session).state == "active"
        assert queued(session) == 20
        server.honest()
        with later(minutes=2):
            work(app)
        assert_settled(session, server)


@pytest.mark.parametrize(("minutes", "used"), [(2, 2), (13, 4)])
def test_after_throttling_half_of_the_connections_are_used_and_all_once_it_went_well_for_long(
    tmp_path: Path, minutes: int, used: int
) -> None:
    with battlefield(tmp_path / "i", mails=2, DELIVERY_CONNECTIONS="4") as field:
        server = field.server
        server.script("mail", "454 4.7.0 throttling: sending rate exceeded", times=1)
        work(field.app)
        assert queued(field.session) == 2
        author = field.session.scalars(select(Person).where(Person.name == "Author")).one()
        with later(minutes=minutes):
            work(field.app)
            assert field.count(State.SENT) == 2
            add_people(field.session, 60, "more.example.com")
            add_news(field.session, author)
            server.script("rcpt", Delay(0.01))
            before = server.connections
            work(field.app)
            assert server.connections - before == used
        assert_settled(field.session, server)


def test_a_server_that_is_not_there_makes_the_account_wait(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 4)
    with ScriptedSmtp() as server:
        use_server(app, server, smtp_port=str(closed_port()))
        add_news(session, alice)
        work(app)
        assert causes(session) == {"connection_refused"}
        assert queued(session) == 4
        use_server(app, server)
        work(app)
        assert_settled(session, server)
