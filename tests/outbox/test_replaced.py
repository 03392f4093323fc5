"""What went by settings that were replaced meanwhile tells nothing of those in force."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import PAUSED, Incident, current, health, note_trouble
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.smtp import Deadlines
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    deliveries,
    post_test,
    use_server,
)
from tests.support.processes import wait_for
from tests.support.smtp_script import Silence
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


def test_an_old_server_that_hangs_keeps_nothing_waiting_for_the_new_one(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 20)
    slow = (" p5@", " p6@")
    with (
        ScriptedSmtp() as old,
        ScriptedSmtp() as new,
        Sender(app, Deadlines.every(60)) as sender,
    ):
        old.script("rcpt", Silence(), when=lambda it: "<p7@" in it)
        old.script("dot", Silence(), when=lambda it: any(name in it for name in slow))
        use_server(app, old)
        add_news(session, alice)
        sender.gather()
        wait_for(lambda: not sender.turn() and len(old.ledger) == 17)
        use_server(app, new)
        test = post_test(app)
        wait_for(lambda: not sender.turn() and len(new.ledger) == 2)
        session.refresh(test)
        assert test.state == State.SENT
        states = {it.address.partition("@")[0]: it for it in deliveries(session)}
        assert states.pop("p5").state == states.pop("p6").state == State.SENDING
        assert {it.state for it in states.values()} == {State.SENT}
        assert {it.tries for it in states.values()} == {states["p0"].tries}
    ends = [it.state for it in deliveries(session) if it.state != State.SENT]
    assert ends == [State.UNCERTAIN] * 2
    assert_balanced(session)
