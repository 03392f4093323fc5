"""Settling many results: as many questions as for few, and only what is in force is noted."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from sysmail.account import External, current, health
from sysmail.db import db
from sysmail.outbox import State
from sysmail.outbox.job import Job, Result
from sysmail.outbox.settle import settle
from sysmail.people import Person
from sysmail.smtp import Accepted, Endpoint, Reply
from tests.support.couriers import job
from tests.support.post_office import add_news, add_people, deliveries, use_server
from tests.support.smtpd import ScriptedSmtp
from tests.support.summaries import Sender

pytestmark = pytest.mark.both_engines
OLD, NEW = "old.example.com", "new.example.com"


@pytest.fixture
def version(app: Flask, session: Session, alice: Person) -> int:
    """That of the account in force; 42 mails are claimed."""
    add_people(session, 42)
    with ScriptedSmtp() as server, Sender(app) as sender:
        use_server(app, server)
        add_news(session, alice)
        sender.gather()
        for one in deliveries(session):
            one.state, one.claim_token = State.SENDING, f"token{one.id}"
        session.commit()
    return current(session).version


def test_many_are_settled_in_as_many_statements_as_a_few(
    app: Flask, session: Session, version: int
) -> None:
    ids = [one.id for one in deliveries(session)]
    few = _statements(app, session, [_accepted(number, version, OLD) for number in ids[:2]])
    many = _statements(app, session, [_accepted(number, version, NEW) for number in ids[2:]])
    assert many == few
    assert {one.state for one in deliveries(session)} == {State.SENT}


def test_a_late_acceptance_by_replaced_settings_hides_none_by_those_in_force(
    app: Flask, session: Session, version: int
) -> None:
    first, second = (one.id for one in deliveries(session)[:2])
    results = [_accepted(first, version, NEW), _accepted(second, version - 1, OLD)]
    settle(session, app.extensions["sysmail.config"], results)
    assert health(session).last_accepted_host == NEW


def _accepted(delivery_id: int, version: int, host: str) -> Result:
    endpoint = Endpoint(host, 25)
    made = job(External(endpoint), delivery_id, "example.com")
    reply = Reply(250, "2.0.0", ("2.0.0 ok",))
    carried: Job = made._replace(version=version)
    return Result(carried, Accepted(reply, host, 25, None, 1), endpoint, None, 1, "")


def _statements(app: Flask, session: Session, results: list[Result]) -> int:
    """How many it takes, each time from a session that knows nothing."""
    session.commit()
    session.expire_all()
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        settle(session, app.extensions["sysmail.config"], results)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    session.commit()
    return len(seen)
