"""Checking the password of whoever is signed in, in a form of another page."""

from __future__ import annotations

from flask import current_app

from sysmail.audit import record
from sysmail.db import db
from sysmail.people import Person
from sysmail.web import kit
from sysmail.web.signin import limits


def confirm_password(person: Person, text: str) -> bool:
    """Whether `text` is the person's password; if so, the sign-in counts as recent again.

    Raises TooManyRequests (429) after ten wrong ones within five minutes. A wrong one is
    an audit entry, and commits; so call this before anything else is changed.
    """
    limits.check_own_password(person.id)
    util = current_app.extensions["security"].password_util
    if text and person.password and person.verify_and_update_password(util.normalize(text)):
        kit.note_password_given()
        return True
    note_wrong_password(person)
    return False


def note_wrong_password(person: Person) -> None:
    """Counts and audits a wrong password of somebody who is signed in."""
    limits.count_wrong_own_password(person.id)
    details = {"email": person.email, "address": limits.place()}
    record(db.session(), "sign_in_failed", person.actor, details)
    db.session.commit()
