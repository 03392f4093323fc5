"""One's own session, when what one changes about oneself ends one's sessions."""

from __future__ import annotations

from flask import session
from flask_security import current_user, login_user

from sysmail.people import Person


def keep_me_signed_in(person: Person) -> None:
    """Renews this one session if it is the person's; how recent the sign-in was, stays."""
    if person.id != current_user.id or session.get("_user_id") == person.fs_uniquifier:
        return
    given_at = session.get("fs_paa")
    login_user(person, authn_via=["renewed"])
    session["fs_paa"] = given_at
