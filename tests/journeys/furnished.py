"""A portal with something of everything on it, for looking at its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Health, Incident, note_accepted, note_trouble
from sysmail.audit import SYSTEM
from sysmail.db import db
from sysmail.notifications import send_test, unsubscribe_token
from sysmail.outbox import Delivery, Resend, State, Worker
from sysmail.people import Person, add_person, disable_person, link_key
from sysmail.portal import add_app, add_comment, add_record
from sysmail.preferences import store_choice
from sysmail.web.personal_settings.address import address_token
from sysmail.web.signin import hashed
from sysmail.web.signin.links import set_password_link
from tests.journeys import history
from tests.journeys.asked import put_questions
from tests.journeys.checked import put_checks
from tests.journeys.sender import furnish_sender
from tests.support.post_office import use_server, work
from tests.support.smtpd import ScriptedSmtp
from tests.support.troubles import NO_ANSWER, REFUSED_LOGIN, UNKNOWN_USER, troubled

PASSWORD = "four plain words here"
ACCOUNT = "portal@example.com"
LOGIN_REFUSED = Incident(
    "config", "account", "login_rejected", "auth", "535 5.7.8 authentication failed", "smtp.a"
)
NO_CONNECTION = Incident(
    "transient", "account", "connection_refused", "connect", "", "smtp.example.com"
)


@dataclass
class House:
    """`places` are ids and tokens by name, for paths such as "/apps/{leads}"."""

    app: Flask
    url: str
    people: dict[str, Person] = field(default_factory=dict)
    places: dict[str, Any] = field(default_factory=dict)

    def path(self, pattern: str) -> str:
        return pattern.format(**self.places)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """In a context of its own, since several houses may be open; committed at the end."""
        with self.app.app_context():
            yield db.session()
            db.session.commit()

    def keep(self, *people: Person) -> None:
        """Lets them be read when the session is over."""
        for person in people:
            db.session.refresh(person)
            db.session.expunge(person)

    @contextmanager
    def in_trouble(self, incident: Incident) -> Iterator[None]:
        """The account as this incident leaves it."""
        with self.session() as session:
            session.execute(delete(Health))
            config = self.app.extensions["sysmail.config"]
            note_trouble(session, config, incident, clock.now())
        yield
        with self.session() as session:
            session.execute(delete(Health))

    @contextmanager
    def without_worker(self) -> Iterator[None]:
        with self.session() as session:
            session.execute(delete(Worker))
        yield
        with self.session() as session:
            put_worker(session)

    @contextmanager
    def retrying(self) -> Iterator[None]:
        """While the worker sends many again."""
        with self.session() as session:
            asked = history.running(session).id
        yield
        with self.session() as session:
            session.execute(delete(Resend).where(Resend.id == asked))

    @contextmanager
    def holding(self) -> Iterator[None]:
        """One mail held, as after a restored backup."""
        self._hold(True)
        yield
        self._hold(False)

    def _hold(self, held: bool) -> None:
        one = update(Delivery).where(Delivery.id == self.places["failure_queued"])
        with self.session() as session:
            session.execute(one.values(held=held))


def furnish(house: House) -> None:
    with house.session() as session:
        _people(house, session)
        _portal(house, session)
        work(house.app)
        with ScriptedSmtp(users={ACCOUNT: "secret"}) as server:
            login = {"use_smtp_auth": True, "account_name": ACCOUNT, "password": "secret"}
            use_server(house.app, server, **login)
        _tests(house, session)
        furnish_sender(house, session)
        _failures(house, session)
        house.places |= history.make_history(session, house.people["bob"].id)
        put_questions(house, session)
        history.balance(session)
        house.places |= put_checks(house.app, session, house.people["alice"])
        note_accepted(session, "smtp.example.com", clock.now())
        put_worker(session)
        house.keep(*house.people.values())


def put_worker(session: Session, minutes: float = 60) -> None:
    """One that counts as alive for so long."""
    seen_at = clock.now() + timedelta(minutes=minutes)
    session.add(
        Worker(id="w", boot_id="b", pid=77, started_at=clock.now(), seen_at=seen_at, beats=1)
    )
    session.commit()


def _people(house: House, session: Session) -> None:
    names = {"alice": "Alice Archer", "bob": "Bob Baker", "carol": "Carol Cho", "dan": "Dan Dee"}
    for key, name in names.items():
        password = None if key == "dan" else hashed(PASSWORD)
        made = add_person(
            session,
            SYSTEM,
            f"{key}@example.com",
            name,
            administrator=key == "alice",
            password_hash=password,
        )
        assert isinstance(made, Person)
        house.people[key] = made
        house.places[key] = made.id
    disable_person(session, house.people["alice"].actor, house.people["carol"])
    for key in ("alice", "bob"):
        store_choice(session, house.people[key].id, "all", 7, "html")
    session.commit()
    signing = link_key(session, house.app.extensions["sysmail.vault"])
    house.places["reset"] = set_password_link(house.people["dan"]).rpartition("/")[2]
    house.places["new_address"] = address_token(house.people["bob"], "robert@example.com")
    house.places["unsubscribe"] = unsubscribe_token(signing, house.people["bob"].id, "record_added")
    house.places["off"] = unsubscribe_token(signing, house.people["dan"].id, "audit_log_added")


def _portal(house: House, session: Session) -> None:
    alice, bob = house.people["alice"], house.people["bob"]
    leads = add_app(session, alice, "Leads")
    empty = add_app(session, alice, "Board papers", {alice.id})
    text = "Three years, 40 seats. They want an answer by Friday."
    record = add_record(session, bob, leads, "ACME renewal", text).thing
    add_comment(session, alice, leads, record, f"@[{bob.email}] can you check the discount?")
    comment = add_comment(session, bob, leads, record, "Twelve per cent.\n.\nNo more.").thing
    wide = add_record(session, alice, leads, "W" * 200, "x" * 400).thing
    for number in range(51):
        add_record(session, bob, leads, f"Lead {number}: first call", "")
    house.places |= {"leads": leads.id, "empty": empty.id, "record": record.id}
    house.places |= {"wide": wide.id, "comment": comment.id}
    signing = link_key(session, house.app.extensions["sysmail.vault"])
    token = unsubscribe_token(signing, bob.id, "comment_posted", record.id)
    house.places["unsubscribe_record"] = token
    session.commit()


def _tests(house: House, session: Session) -> None:
    vault = house.app.extensions["sysmail.vault"]
    for state in (State.QUEUED, State.WITHDRAWN):
        test = send_test(session, vault, 1, "alice@example.com")
        test.state = state
        house.places[f"test_{state}"] = test.id
        session.commit()
    shown = ((State.FAILED, REFUSED_LOGIN), (State.UNCERTAIN, NO_ANSWER), (State.SENT, _TAKEN))
    for state, seen in shown:
        test = _troubled(session, state, seen, kind="test")
        house.places[f"test_{state}"] = test.id
    house.places["test_received"] = _troubled(session, State.SENT, _TAKEN, kind="test").id


def _failures(house: House, session: Session) -> None:
    for state, seen in ((State.QUEUED, REFUSED_LOGIN), (State.UNCERTAIN, NO_ANSWER)):
        house.places[f"failure_{state}"] = _troubled(session, state, seen).id
    for number in range(10):
        last = _troubled(session, State.FAILED, UNKNOWN_USER, address=f"p{number}@example.com")
    house.places["failure_failed"] = last.id


def _troubled(session: Session, state: State, seen: dict[str, Any], **changes: Any) -> Delivery:
    return troubled(session, state, seen, event_id=None, **changes)


_TAKEN: dict[str, Any] = {
    "outcome": "sent",
    "scope": "message",
    "phase": "dot",
    "cause": None,
    "code": 250,
    "enhanced": "2.0.0",
    "words": "Ok: queued as 4Zx81",
}
