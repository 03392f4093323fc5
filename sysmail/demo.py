"""Sample people, apps, records and comments for `make demo`."""

from __future__ import annotations

import secrets

from flask_security.utils import hash_password

from sysmail.config import Config
from sysmail.db import db
from sysmail.events import CATALOGUE, FIRST_CHOICE
from sysmail.people import Person, new_person
from sysmail.portal import add_app, add_comment, add_record
from sysmail.preferences import store_choice

_ALL_KINDS = sum(kind.bit for kind in CATALOGUE.values())


def furnish(config: Config) -> str:
    """Fills an empty instance; the text tells how to sign in and what to look at."""
    password = secrets.token_urlsafe(9)
    alice = _add("Alice Archer", "alice@demo.test", password, "all", administrator=True)
    bob = _add("Bob Baker", "bob@demo.test", password, "all")
    carol = _add("Carol Cho", "carol@demo.test", password, "to_me")
    _leads(alice, bob, carol)
    _board(alice, carol)
    db.session.commit()
    return (
        f"Sign in as {alice.email} (administrator), {bob.email} or {carol.email}; "
        f"the password of all three is {password}\n"
        f"Every mail is kept, none leaves this machine: {config.public_url}/admin/captured"
    )


def _leads(alice: Person, bob: Person, carol: Person) -> None:
    session = db.session()
    leads = add_app(session, alice, "Leads")
    renewal = add_record(
        session,
        bob,
        leads,
        "ACME renewal",
        "Three years, 40 seats. They want an answer by Friday.",
    ).thing
    add_comment(session, alice, leads, renewal, f"@[{carol.email}] can you check the discount?")
    add_comment(session, carol, leads, renewal, "Twelve per cent is fine.\n.\nNo more than that.")
    add_record(session, carol, leads, "Globex: first call", "They found us through a partner.")


def _board(alice: Person, carol: Person) -> None:
    session = db.session()
    board = add_app(session, alice, "Board papers", {alice.id, carol.id})
    add_record(session, carol, board, "Budget draft", "For members of this app only.")


def _add(name: str, email: str, password: str, receive: str, administrator: bool = False) -> Person:
    person = new_person(email, name, administrator)
    person.password = hash_password(password)
    db.session.add(person)
    db.session.flush()
    kinds = _ALL_KINDS if administrator else FIRST_CHOICE
    store_choice(db.session(), person.id, receive, kinds, "html")
    return person
