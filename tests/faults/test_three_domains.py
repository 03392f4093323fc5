"""Direct mode: only what three unrelated domains say of us, and nobody contradicts, pauses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import health
from sysmail.db import db
from sysmail.diagnosis import explain
from sysmail.outbox import Attempt, State
from sysmail.people import Person, new_person
from tests.support.deliver import deliver
from tests.support.dnsd import ScriptedDns
from tests.support.domains import deaf_domains, direct, mail_domains
from tests.support.instance import attach, make_app
from tests.support.invariants import broken
from tests.support.post_office import add_news, add_people, deliveries, post_test
from tests.support.smtp_client import short_at
from tests.support.smtpd import ScriptedSmtp

ONE, TWO, THREE, FOUR = DOMAINS = ("one.test", "two.test", "three.test", "four.test")
REFUSED = ("rcpt", "554 5.7.1 blocked using spamhaus")
SAYINGS = {
    "server_refuses_us": ("greeting", "554 5.7.1 go away"),
    "helo_rejected": ("ehlo", "550 5.7.1 bad name"),
    "login_required": ("mail", "530 5.7.0 authentication required"),
    "sender_not_allowed": ("mail", "553 5.1.8 sender not allowed"),
    "quota_exceeded": ("rcpt", "550 5.4.5 sending quota exceeded"),
    "relay_denied": ("rcpt", "554 5.7.1 relay access denied"),
    "ip_blocked": REFUSED,
    "sender_unauthenticated": ("dot", "550 5.7.26 unauthenticated"),
}
Servers = dict[str, ScriptedSmtp]


@pytest.fixture
def world() -> Iterator[tuple[ScriptedDns, Servers]]:
    with mail_domains(*DOMAINS) as world:
        yield world


@pytest.fixture
def servers(world: tuple[ScriptedDns, Servers]) -> Servers:
    return world[1]


@pytest.fixture
def app(tmp_path: Path, world: tuple[ScriptedDns, Servers], database: dict[str, str]) -> Flask:
    dns, servers = world
    return make_app(tmp_path / "instance", **direct(dns, servers[ONE].port), **database)


def later(**delta: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delta), tick=True)


def standing(session: Session) -> tuple[str, str | None]:
    return health(session).state, health(session).cause


def say(servers: Servers, phase: str, reply: str, *domains: str) -> None:
    for domain in domains:
        servers[domain].script(phase, reply)


def try_mail(app: Flask, *domains: str) -> None:
    """One test mail to each, one after the other."""
    for domain in domains:
        post_test(app, f"someone@{domain}")
        deliver(app)


@pytest.mark.both_engines
@pytest.mark.parametrize(("cause", "saying"), SAYINGS.items(), ids=SAYINGS)
def test_what_three_unrelated_domains_say_pauses_and_charges_no_further_mail(
    app: Flask,
    session: Session,
    alice: Person,
    servers: Servers,
    cause: str,
    saying: tuple[str, str],
) -> None:
    for domain in DOMAINS:
        add_people(session, 1, domain)
    say(servers, *saying, *DOMAINS)
    add_news(session, alice)
    deliver(app)
    assert standing(session) == ("paused", cause)
    found = deliveries(session)
    before_mail = saying[0] in ("greeting", "ehlo")
    assert [d.state for d in found].count(State.FAILED) == (0 if before_mail else 2)
    assert {d.tries for d in found if d.state == State.QUEUED} == {0}
    visits = sum(server.connections for server in servers.values())
    with later(minutes=16):
        deliver(app)
        assert standing(session) == ("paused", cause)
        assert sum(server.connections for server in servers.values()) == visits + 1
    for server in servers.values():
        server.honest()
    with later(hours=30):
        deliver(app)
    assert standing(session) == ("active", None)
    unsent = {d.state for d in deliveries(session)} - {State.SENT}
    assert unsent == (set() if before_mail else {State.FAILED})
    assert broken(session, [mail for it in servers.values() for mail in it.ledger]) == []


def two_domains(app: Flask, servers: Servers) -> None:
    say(servers, *REFUSED, ONE, TWO)
    try_mail(app, ONE, TWO, ONE, TWO)


def accepted_by_a_fourth(app: Flask, servers: Servers) -> None:
    say(servers, *REFUSED, ONE, TWO, THREE)
    try_mail(app, ONE, FOUR, TWO, THREE)


def three_causes(app: Flask, servers: Servers) -> None:
    for domain, cause in ((ONE, "ip_blocked"), (TWO, "relay_denied"), (THREE, "login_required")):
        say(servers, *SAYINGS[cause], domain)
    try_mail(app, ONE, TWO, THREE)


def too_long_ago(app: Flask, servers: Servers) -> None:
    say(servers, *REFUSED, *DOMAINS)
    for minutes, domain in ((0, ONE), (40, TWO), (80, THREE), (120, FOUR)):
        with later(minutes=minutes):
            try_mail(app, domain)


def one_host(app: Flask, servers: Servers) -> None:
    """Domains of one provider: what it says is one voice."""
    say(servers, *REFUSED, ONE, TWO)
    try_mail(app, ONE, TWO, "customer.test", "another.test")


def recipients_own_trouble(app: Flask, servers: Servers) -> None:
    say(servers, "rcpt", "550 5.1.1 no such user", *DOMAINS)
    try_mail(app, *DOMAINS)


HARMLESS = [
    two_domains,
    accepted_by_a_fourth,
    three_causes,
    too_long_ago,
    one_host,
    recipients_own_trouble,
]


@pytest.mark.parametrize("happens", HARMLESS, ids=lambda it: it.__name__)
def test_less_than_that_pauses_nothing(
    app: Flask,
    session: Session,
    world: tuple[ScriptedDns, Servers],
    happens: Callable[[Flask, Servers], None],
) -> None:
    dns, servers = world
    for domain in ("customer.test", "another.test"):
        dns.add(domain, "MX", f"10 mx.{ONE}.")
    happens(app, servers)
    assert standing(session) == ("active", None)
    assert session.scalars(select(Attempt.scope).where(Attempt.scope == "account")).all() == []


def test_three_domains_that_cannot_be_reached_at_all_mean_that_port_25_is_blocked(
    tmp_path: Path,
) -> None:
    with deaf_domains(ONE, TWO, THREE) as (dns, port):
        app = make_app(tmp_path / "instance", **direct(dns, port))
        with app.app_context():
            session = db.session()
            alice = new_person("alice@example.com", "Alice")
            session.add(alice)
            test = post_test(app, f"alice@{ONE}")
            deliver(app, short_at("connect"))
            assert standing(session) == ("active", None)
            assert (test.state, test.cause) == (State.FAILED, "connection_timeout")
            guess = "Perhaps the network blocks direct mail (port 25)"
            assert guess in explain(test.cause, mode="direct").happened
            for domain in (ONE, TWO, THREE):
                add_people(session, 1, domain)
            add_news(session, alice)
            deliver(app, short_at("connect"))
            assert standing(session) == ("paused", "port_25_blocked")
            causes = session.scalars(select(Attempt.cause).order_by(Attempt.id)).all()
            assert causes == ["connection_timeout", "connection_timeout", "port_25_blocked"]
            waiting = deliveries(session)[1:]
            assert {(d.state, d.tries) for d in waiting} == {(State.QUEUED, 0)}
            with later(minutes=16):
                deliver(app, short_at("connect"))
            assert standing(session) == ("paused", "port_25_blocked")
    with mail_domains(ONE, TWO, THREE) as (dns, servers):
        opened = again(tmp_path, dns, servers[ONE].port)
        with opened.app_context(), later(hours=3):
            deliver(opened)
            assert standing(db.session()) == ("active", None)
            assert [d.state for d in deliveries(db.session())[1:]] == [State.SENT] * 3


def again(tmp_path: Path, dns: ScriptedDns, port: int) -> Flask:
    """The same instance after the port was opened."""
    settings = direct(dns, port)
    environ = {f"SYSMAIL_{name}": value for name, value in settings.items()}
    return attach({"SYSMAIL_INSTANCE": str(tmp_path / "instance"), **environ})
