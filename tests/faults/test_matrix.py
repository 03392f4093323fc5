"""Every phase of a talk, every way a server can misbehave in it, and what comes of the mail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import health
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.smtp import Deadlines
from tests.support.deliver import deliver
from tests.support.instance import make_app
from tests.support.invariants import assert_kept
from tests.support.post_office import add_news, add_people, attempts, deliveries, use_server
from tests.support.smtp_client import PATIENT, short_at
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

PAUSED, WAITS, FINE = "paused", "waits", "fine"


@dataclass(frozen=True)
class End:
    """What is left: the mail's state, its cause, tries charged, and how the account stands."""

    state: State
    cause: str
    tries: int
    account: str


def account(cause: str, stands: str = WAITS) -> End:
    """Trouble of the whole account: the mail is charged nothing."""
    return End(State.QUEUED, cause, 0, stands)


def later(cause: str) -> End:
    return End(State.QUEUED, cause, 1, FINE)


def never(cause: str) -> End:
    return End(State.FAILED, cause, 1, FINE)


IN_DOUBT = End(State.UNCERTAIN, "no_answer_after_data", 0, FINE)
GONE: dict[str, Action] = {
    "close": Close(),
    "reset": Reset(),
    "silence": Silence(),
    "drip": Drip("250 as slow as can be", 0.1),
    "bye": Close("421 4.3.2 shutting down"),
}
NONSENSE: dict[str, Action] = {
    "garbage": GARBAGE,
    "endless": Endless(),
    "endless line": Endless(None),
}
OPENING = {
    "greeting": ("421 4.3.2 too busy", "server_busy", "554 5.7.1 no", "server_refuses_us"),
    "ehlo": ("450 4.3.2 not now", "refused_for_now", "550 5.7.1 no", "helo_rejected"),
    "starttls": ("454 4.7.0 no TLS now", "tls_not_now", "502 5.5.1 no", "starttls_not_offered"),
    "auth": ("454 4.7.0 not now", "login_try_later", "535 5.7.8 wrong", "login_rejected"),
}
SENDING = {
    "mail": ("450 4.3.2 not now", "refused_for_now", "550 5.6.0 no", "refused"),
    "rcpt": ("451 4.7.1 greylisted", "recipient_try_later", "550 5.1.1 no", "recipient_unknown"),
    "data": ("451 4.3.0 not now", "refused_for_now", "554 5.6.0 no", "refused"),
    "dot": ("451 4.3.0 not now", "content_try_later", "554 5.6.0 spam", "content_rejected"),
}


def cases() -> list[tuple[str, str, Action, End]]:
    """Phase, what happens there, as an action, and the end."""
    found: list[tuple[str, str, Action, End]] = []
    for phase, (busy, for_now, no, for_ever) in OPENING.items():
        lost = {name: account(_lost(phase, name)) for name in GONE}
        odd = account("not_smtp") if phase == "greeting" else later("not_smtp")
        found += [
            (phase, "4xx", busy, account(for_now)),
            (phase, "5xx", no, account(for_ever, PAUSED)),
        ]
        found += [(phase, name, action, lost[name]) for name, action in GONE.items()]
        found += [(phase, name, action, odd) for name, action in NONSENSE.items()]
    for phase, (busy, for_now, no, for_ever) in SENDING.items():
        is_dot = phase == "dot"
        lost = {name: IN_DOUBT if is_dot else later("connection_lost") for name in GONE}
        lost["bye"] = later("refused_for_now")
        found += [(phase, "4xx", busy, later(for_now)), (phase, "5xx", no, never(for_ever))]
        found += [(phase, name, action, lost[name]) for name, action in GONE.items()]
        odd = IN_DOUBT if is_dot else later("not_smtp")
        found += [(phase, name, action, odd) for name, action in NONSENSE.items()]
    after = (GONE | NONSENSE).items()
    found += [("dot", f"accepted, {n}", Accept(a), IN_DOUBT) for n, a in after if n != "bye"]
    found += [("body", name, GONE[name], IN_DOUBT) for name in ("close", "reset", "silence")]
    return found


def _lost(phase: str, name: str) -> str:
    if name == "bye":
        return {"greeting": "server_busy", "auth": "login_try_later"}.get(phase, "refused_for_now")
    is_slow = name in ("silence", "drip")
    return "no_greeting" if phase == "greeting" and is_slow else "connection_lost"


def _limits(phase: str, name: str) -> Deadlines:
    hangs = name.endswith(("silence", "drip"))
    return short_at("dot" if phase == "body" else phase) if hangs else PATIENT


CASES = cases()


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance", DELIVERY_CONNECTIONS="1")


@pytest.mark.parametrize(
    ("phase", "name", "action", "end"), CASES, ids=[f"{phase}-{name}" for phase, name, *_ in CASES]
)
def test_whatever_a_server_does_ends_as_promised(
    app: Flask, session: Session, alice: Person, phase: str, name: str, action: Action, end: End
) -> None:
    add_people(session, 1)
    tls = "starttls" if phase == "starttls" else None
    users = {"portal": "secret"} if phase == "auth" else None
    with ScriptedSmtp(users=users, tls=tls) as server:
        login = {"use_smtp_auth": True, "account_name": "portal"} if users else {}
        encryption = "starttls" if tls else "plain"
        use_server(app, server, encryption=encryption, password="secret", **login)
        server.script(phase, action)
        add_news(session, alice)
        deliver(app, _limits(phase, name))
        [delivery] = deliveries(session)
        [attempt] = attempts(session, delivery)
        cause = attempt.cause or ""
        # A reset may overtake the end of connecting: then it cannot be told from a refusal.
        if (phase, name, cause) == ("greeting", "reset", "connection_refused"):
            cause = "connection_lost"
        assert End(State(delivery.state), cause, delivery.tries, standing(session)) == end
        assert_kept(session, server)


def standing(session: Session) -> str:
    state = health(session)
    if state.state == "paused":
        return PAUSED
    return WAITS if state.waits_until else FINE


def test_the_matrix_is_as_wide_as_it_should_be() -> None:
    assert len(CASES) >= 90
