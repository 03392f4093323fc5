"""A portal as it might look after a working week, for the pictures in README."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Settings, current, health, note_accepted, save
from sysmail.db import db
from sysmail.outbox import State, note_arrival
from sysmail.people import Person, new_person
from sysmail.portal import Record, add_app, add_comment, add_record
from sysmail.preferences import store_choice
from tests.journeys.checked import put_example_check
from tests.journeys.furnished import put_worker
from tests.journeys.history import balance, make_days
from tests.journeys.sender import put_sender_check
from tests.support.post_office import work
from tests.support.troubles import NO_ANSWER, REFUSED_LOGIN, UNKNOWN_USER, troubled

_FULL: dict[str, Any] = UNKNOWN_USER | {
    "outcome": "transient",
    "cause": "mailbox_full",
    "code": 452,
    "enhanced": "4.2.2",
    "words": "mailbox is full",
}
_GREYLISTED: dict[str, Any] = _FULL | {
    "cause": "recipient_try_later",
    "code": 450,
    "enhanced": "4.2.0",
    "words": "greylisted, come back in 5 minutes",
}
_TEXT = (
    "Three years, 40 seats, and they ask for the training days again.\n"
    "They want an answer by Friday."
)


def hang(app: Flask) -> dict[str, Any]:
    """Fills an empty instance that captures; what the pictures need, by name."""
    session = db.session()
    alice, bob, carol = (
        _person(session, name) for name in ("Alice Archer", "Bob Baker", "陳 美玲")
    )
    alice.is_administrator = True
    record = _leads(session, alice, bob, carol)
    work(app)
    _account(app, session, alice)
    test = troubled(session, seen=REFUSED_LOGIN, minutes_ago=0.1, kind="test", **_TO_ALICE)
    received = _received(session)
    _history(session)
    note_accepted(session, "smtp.example.com", clock.now() - timedelta(minutes=4))
    health(session).since = clock.now() - timedelta(days=12)
    put_sender_check(session, alice.id)
    put_worker(session, 0.4)
    return {
        "alice": alice,
        "carol": carol,
        "record": record,
        "test": test.id,
        "received": received,
        "check": put_example_check(app, session, alice),
    }


def _received(session: Session) -> int:
    test = troubled(session, State.SENT, _TAKEN, 0.2, kind="test", **_TO_ALICE)
    note_arrival(session, test)
    session.commit()
    return test.id


_TAKEN: dict[str, Any] = UNKNOWN_USER | {
    "outcome": "sent",
    "phase": "dot",
    "cause": None,
    "code": 250,
    "enhanced": "2.0.0",
    "words": "Ok: queued as 4Zx81",
}


_TO_ALICE: dict[str, Any] = {"address": "alice@example.com", "name": "Alice", "event_id": None}


def _person(session: Session, name: str) -> Person:
    email = {"陳 美玲": "meiling"}.get(name, name.partition(" ")[0].lower())
    person = new_person(f"{email}@example.com", name)
    session.add(person)
    session.flush()
    store_choice(session, person.id, "all", 3, "html")
    return person


def _leads(session: Session, alice: Person, bob: Person, carol: Person) -> Record:
    leads = add_app(session, alice, "Leads")
    add_app(session, alice, "Orders")
    add_app(session, alice, "Holidays", {bob.id})
    record = add_record(session, bob, leads, "ACME renewal", _TEXT).thing
    asked = add_comment(
        session, alice, leads, record, f"@[{carol.email}] can you check the discount?"
    )
    answer = f"Twelve per cent is fine, no more than that. @[{alice.email}] shall I write to them?"
    answered = add_comment(session, carol, leads, record, answer)
    now = clock.now()
    for thing, hours in ((record, 26), (asked.thing, 3), (answered.thing, 0.4)):
        thing.created_at = now - timedelta(hours=hours)
    record.updated_at = record.created_at
    session.commit()
    return record


def _account(app: Flask, session: Session, alice: Person) -> None:
    settings = Settings(
        mail_server="external",
        email_address="portal@example.com",
        smtp_host="smtp.example.com",
        smtp_port="587",
        use_smtp_auth=True,
        account_name="portal@example.com",
        password="never shown",
    )
    vault, config = app.extensions["sysmail.vault"], app.extensions["sysmail.config"]
    save(session, vault, config, alice.actor, settings, current(session).version)
    session.commit()


def _history(session: Session) -> None:
    rows = (
        (State.FAILED, UNKNOWN_USER, "sales@old-partner.example", 12),
        (State.UNCERTAIN, NO_ANSWER, "bob@example.com", 47),
        (State.QUEUED, _FULL, "meiling@example.com", 66),
        (State.FAILED, UNKNOWN_USER, "j.smith@example.org", 60 * 26),
        (State.FAILED, UNKNOWN_USER, "office@old-partner.example", 60 * 31),
    )
    for state, seen, address, minutes in rows:
        due = clock.now() + timedelta(minutes=55)
        troubled(session, state, seen, minutes, address=address, event_id=None, due_at=due)
    for number in range(12):
        address, due = f"no{number}@partner.example", clock.now() + timedelta(minutes=4)
        fields: dict[str, Any] = {"address": address, "event_id": None, "due_at": due}
        troubled(session, State.QUEUED, _GREYLISTED, 3 + number / 10, **fields)
    make_days(session)
    balance(session)
