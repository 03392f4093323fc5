"""What went by settings that were replaced meanwhile tells nothing of those in force."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import PAUSED, Incident, current, health, note_trouble
from sysmail.outbox import State
from sysmail.people import Person
from tests.support.post_office import add_news, add_people, assert_balanced, deliveries, use_server
from tests.support.smtpd import ScriptedSmtp
from tests.support.summaries import Sender

pytestmark = pytest.mark.both_engines


def test_a_late_acceptance_by_the_old_settings_does_not_resume_the_new_ones(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 1)
    config = app.extensions["sysmail.config"]
    with ScriptedSmtp() as server, Sender(app) as sender:
        use_server(app, server)
        add_news(session, alice)
        sender.gather()
        sender.turn()
        server.wait_for(1, 20)
        use_server(app, server, email_address="other@example.com")
        version = current(session).version
        refused = Incident("config", "account", "login_rejected", "auth", version=version)
        note_trouble(session, config, refused, clock.now())
        session.commit()
        while not sender.turn():
            pass
        session.expire_all()
        assert (health(session).state, health(session).cause) == (PAUSED, "login_rejected")
        assert health(session).last_accepted_at is None
    assert deliveries(session)[0].state == State.SENT
    assert_balanced(session)
