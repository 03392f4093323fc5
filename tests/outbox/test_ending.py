"""A worker that ends: what no connection has begun is nobody's doubt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.notifications import composer, expand_next
from sysmail.outbox import Claimant, Dispatcher, State, own_id
from sysmail.people import Person
from tests.support.instance import make_app
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    deliveries,
    use_server,
)
from tests.support.smtp_client import PATIENT
from tests.support.smtp_script import Delay
from tests.support.smtpd import ScriptedSmtp


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance", DELIVERY_CONNECTIONS="1")


def test_what_a_locked_database_did_not_take_back_is_queued_in_the_end(
    tmp_path: Path, app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 12)
    config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
    made = composer(config, vault)
    with ScriptedSmtp() as server:
        use_server(app, server)
        add_news(session, alice)
        while expand_next(session):
            session.commit()
        session.commit()
        server.script("dot", Delay(0.3))
        claimant = Claimant(own_id(), config.uncertain_tries)
        worker = Dispatcher(config, vault, made, claimant, lambda: True, PATIENT)
        while len(server.ledger) < 3:
            worker.turn()
            worker.wait(0.05)
        db.session.rollback()
        database = tmp_path / "instance" / "sysmail.db"
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError):
                worker.take_back()
            other.execute("ROLLBACK")
        db.session.rollback()
        while not worker.is_idle():
            worker.wait(0.05)
            worker.finish()
        worker.abandon()
        states = [delivery.state for delivery in deliveries(session)]
        assert states.count(State.SENT) == len(server.ledger)
    assert set(states) == {State.SENT, State.QUEUED}
    assert_balanced(session)
