"""After an outage mail comes back at a pace: one connection first, and account mail before all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import health
from sysmail.notifications import post_account_mail
from sysmail.people import Person
from tests.support.instance import make_app
from tests.support.invariants import assert_settled
from tests.support.post_office import add_news, add_people, use_server, work
from tests.support.smtp_script import Action, Delay, Reset
from tests.support.smtpd import ScriptedSmtp

OUTAGES: dict[str, tuple[str, Action]] = {
    "down": ("greeting", Reset()),
    "busy": ("greeting", "421 4.3.2 too busy"),
    "wrong password": ("mail", "530 5.7.0 authentication required"),
}
LINK = "https://portal.example.com/reset/token"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance", DELIVERY_CONNECTIONS="4")


def later(**delta: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delta), tick=True)


@pytest.mark.parametrize(("phase", "action"), OUTAGES.values(), ids=OUTAGES)
def test_after_an_outage_one_connection_tries_first_and_account_mail_leads(
    app: Flask, session: Session, alice: Person, bob: Person, phase: str, action: Action
) -> None:
    add_people(session, 150)
    with ScriptedSmtp() as server:
        use_server(app, server)
        server.script(phase, action)
        add_news(session, alice)
        work(app)
        with later(minutes=30):
            work(app)
            post_account_mail(session, app.extensions["sysmail.vault"], bob, "invitation", LINK)
            session.commit()
            work(app)
            assert server.ledger == []
        server.honest()
        at_first_mail: list[int] = []

        def note(_argument: str) -> bool:
            if not at_first_mail:
                at_first_mail.append(server.connections)
            return False

        server.script("dot", "250 ok", when=note)
        server.script("rcpt", Delay(0.02), times=1)
        before = server.connections
        with later(hours=6):
            work(app)
        assert at_first_mail == [before + 1]
        assert server.ledger[0].rcpt_to == (bob.email,)
        assert server.connections - before <= 4
        assert assert_settled(session, server).copies == 151
        assert health(session).state == "active"
