"""A signed-in test client, without the cost of a password."""

from __future__ import annotations

from datetime import datetime

from flask.testing import FlaskClient

from sysmail import clock
from sysmail.people import Person


def sign_in(client: FlaskClient, person: Person, at: datetime | None = None) -> FlaskClient:
    """Puts a session of `person` into the client, signed in `at` (now, unless given)."""
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = person.fs_uniquifier
        session["_fresh"] = True
        session["fs_cc"] = "set"
        session["fs_paa"] = (at or clock.now()).timestamp()
    return client
