"""Direct delivery: whatever a recipient's own server does is the trouble of its domain alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import health
from sysmail.outbox import State
from sysmail.people import Person
from tests.support.deliver import deliver
from tests.support.dnsd import ScriptedDns
from tests.support.instance import make_app
from tests.support.invariants import assert_kept, broken
from tests.support.post_office import add_news, add_people, deliveries
from tests.support.smtp_script import (
    GARBAGE,
    Accept,
    Action,
    Close,
    Drip,
    Endless,
    Reset,
    Silence,
)
from tests.support.smtpd import ScriptedSmtp

HOSTILE: dict[str, tuple[str, Action]] = {
    "refuses us": ("greeting", "554 5.7.1 your network is blocked"),
    "is busy": ("greeting", "421 4.3.2 busy"),
    "hangs up": ("greeting", Close()),
    "says nothing": ("greeting", Silence()),
    "talks nonsense": ("greeting", GARBAGE),
    "talks without end": ("ehlo", Endless()),
    "dislikes our name": ("ehlo", "550 5.7.1 bad name"),
    "wants a login": ("mail", "530 5.7.0 authentication required"),
    "claims our password is wrong": ("mail", "535 5.7.8 authentication failed"),
    "dislikes our address": ("mail", "553 5.1.8 sender not allowed"),
    "claims a quota": ("rcpt", "550 5.4.5 daily quota exceeded"),
    "throttles": ("mail", "454 4.7.0 throttling: sending rate exceeded"),
    "denies relay": ("rcpt", "554 5.7.1 relay access denied"),
    "lists our address": ("rcpt", "554 5.7.1 blocked using spamhaus"),
    "drips": ("rcpt", Drip("250 as slow as can be", 0.1)),
    "resets": ("data", Reset()),
    "takes and hangs up": ("dot", Accept(Close())),
    "takes and says nothing": ("dot", Accept(Silence())),
}


@pytest.fixture
def dns() -> Iterator[ScriptedDns]:
    with ScriptedDns() as dns:
        for domain, address in (("good.test", "127.0.0.2"), ("bad.test", "127.0.0.3")):
            dns.add(domain, "MX", f"10 mx.{domain}.")
            dns.add(f"mx.{domain}", "A", address)
        yield dns


@pytest.fixture
def servers() -> Iterator[tuple[ScriptedSmtp, ScriptedSmtp]]:
    with (
        ScriptedSmtp(address="127.0.0.2") as good,
        ScriptedSmtp(address="127.0.0.3", port=good.port) as bad,
    ):
        yield good, bad


@pytest.fixture
def app(tmp_path: Path, dns: ScriptedDns, servers: tuple[ScriptedSmtp, ScriptedSmtp]) -> Flask:
    return make_app(
        tmp_path / "instance",
        BUILTIN="direct",
        RESOLVER=dns.nameserver,
        MX_PORT=str(servers[0].port),
        MX_PRIVATE="allow",
        DELIVERY_CONNECTIONS="2",
    )


@pytest.mark.parametrize(("phase", "action"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_server_stops_nobody_elses_mail(
    app: Flask,
    session: Session,
    alice: Person,
    servers: tuple[ScriptedSmtp, ScriptedSmtp],
    phase: str,
    action: Action,
) -> None:
    good, bad = servers
    add_people(session, 4, "bad.test")
    add_people(session, 6, "good.test")
    bad.script(phase, action)
    add_news(session, alice)
    deliver(app)
    states = {d.address: d.state for d in deliveries(session)}
    assert {states[f"p{n}@good.test"] for n in range(6)} == {State.SENT}
    assert State.SENT not in {states[f"p{n}@bad.test"] for n in range(4)}
    assert (health(session).state, health(session).waits_until) == ("active", None)
    assert len(good.ledger) == 6
    assert broken(session, [*good.ledger, *bad.ledger]) == []


def test_a_domain_that_does_not_exist_fails_and_stops_nobody_else(
    app: Flask, session: Session, alice: Person, servers: tuple[ScriptedSmtp, ScriptedSmtp]
) -> None:
    add_people(session, 1, "nowhere.test")
    add_people(session, 2, "good.test")
    add_news(session, alice)
    deliver(app)
    assert [d.state for d in deliveries(session)] == [State.FAILED, State.SENT, State.SENT]
    assert_kept(session, servers[0])
