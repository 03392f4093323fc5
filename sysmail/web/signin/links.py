"""The links in account mails: one hour for a reset, two days for an invitation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_security.recoverable import generate_reset_password_token
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session

from sysmail.notifications import post_account_mail
from sysmail.people import Person
from sysmail.vault import Vault
from sysmail.web import here

RESET_LIFE = timedelta(hours=1)
INVITATION_LIFE = timedelta(hours=48)


class LinkSerializer(URLSafeTimedSerializer):
    """Flask-Security's reset tokens with two lives.

    The token holds a digest of the password at that time; who had none was invited.
    """

    def loads(  # type: ignore[override]
        self, s: Any, max_age: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        payload = super().loads(s, max_age, *args, **kwargs)
        if payload[1] is None:
            return payload
        return super().loads(s, int(RESET_LIFE.total_seconds()), *args, **kwargs)


def post_link(session: Session, vault: Vault, person: Person, spoken: str | None = None) -> None:
    """Posts the mail with a link to choose a password: an invitation, or a reset.

    `spoken` is the language of the page where the person asked. Needs an app context.
    """
    purpose = "invitation" if person.password is None else "reset"
    link = set_password_link(person)
    post_account_mail(session, vault, person, purpose, link, spoken=spoken)


def set_password_link(person: Person) -> str:
    """The page where the person chooses a password; good once."""
    token = generate_reset_password_token(person)
    return f"{here.config().public_url}/reset/{token}"
