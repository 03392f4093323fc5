"""Direct delivery: whatever a recipient's own server does is the trouble of its domain alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import health, waiting_domains
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.smtp import Deadlines
from tests.support.deliver import deliver
from tests.support.dnsd import ScriptedDns
from tests.support.domains import direct, mail_domains
from tests.support.instance import make_app
from tests.support.invariants import assert_kept, broken
from tests.support.post_office import add_news, add_people, deliveries
from tests.support.smtp_client import short_at
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
def world() -> Iterator[tuple[ScriptedDns, dict[str, ScriptedSmtp]]]:
    with mail_domains("good.test", "bad.test") as world:
        yield world


@pytest.fixture
def servers(
    world: tuple[ScriptedDns, dict[str, ScriptedSmtp]],
) -> tuple[ScriptedSmtp, ScriptedSmtp]:
    return world[1]["good.test"], world[1]["bad.test"]


@pytest.fixture
def app(tmp_path: Path, world: tuple[ScriptedDns, dict[str, ScriptedSmtp]]) -> Flask:
    dns, servers = world
    return make_app(tmp_path / "instance", **direct(dns, servers["good.test"].port))


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
    deliver(app, short_at(phase))
    states = {d.address: d.state for d in deliveries(session)}
    assert {states[f"p{n}@good.test"] for n in range(6)} == {State.SENT}
    assert State.SENT not in {states[f"p{n}@bad.test"] for n in range(4)}
    assert (health(session).state, health(session).waits_until) == ("active", None)
    assert len(good.ledger) == 6
    assert broken(session, [*good.ledger, *bad.ledger]) == []


SLOW: dict[str, tuple[str, Action]] = {
    "says nothing": ("greeting", Silence()),
    "drips": ("ehlo", Drip("250 " + "as slow as can be " * 1000, 0.1)),
    "thinks for ever": ("rcpt", Silence()),
    "never answers the dot": ("dot", Silence()),
}


@pytest.mark.parametrize(("phase", "action"), SLOW.values(), ids=SLOW)
def test_a_server_that_uses_up_all_its_time_stops_nobody_elses_mail(
    app: Flask,
    session: Session,
    alice: Person,
    servers: tuple[ScriptedSmtp, ScriptedSmtp],
    phase: str,
    action: Action,
) -> None:
    good, bad = servers
    add_people(session, 150, "bad.test")
    add_people(session, 20, "good.test")
    bad.script(phase, action)
    add_news(session, alice)
    deliver(app, Deadlines.direct(), until=lambda: len(good.ledger) == 20, seconds=15)
    assert bad.connections == 1
    assert broken(session, [*good.ledger, *bad.ledger]) == []


def test_what_waits_half_a_minute_for_a_slow_domain_goes_back_and_waits_like_it(
    app: Flask,
    session: Session,
    alice: Person,
    servers: tuple[ScriptedSmtp, ScriptedSmtp],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _good, bad = servers
    add_people(session, 12, "bad.test")
    bad.script("greeting", Silence())
    add_news(session, alice)
    real = clock.monotonic
    ahead = [0]
    monkeypatch.setattr(clock, "monotonic", lambda: real() + ahead[0])

    def pass_half_a_minute() -> bool:
        ahead[0] = 31 * bool(bad.connections)
        return waiting_domains(session, clock.now()) == {"bad.test"}

    deliver(app, Deadlines.direct(), until=pass_half_a_minute, seconds=60)
    states = [(d.state, d.tries) for d in deliveries(session)]
    assert states.count((State.QUEUED, 0)) >= 11
    assert bad.connections == 1


def test_a_domain_that_does_not_exist_fails_and_stops_nobody_else(
    app: Flask, session: Session, alice: Person, servers: tuple[ScriptedSmtp, ScriptedSmtp]
) -> None:
    add_people(session, 1, "nowhere.test")
    add_people(session, 2, "good.test")
    add_news(session, alice)
    deliver(app)
    assert [d.state for d in deliveries(session)] == [State.FAILED, State.SENT, State.SENT]
    assert_kept(session, servers[0])
