"""The first administrator: made by whoever holds the one-time token in the instance."""

from __future__ import annotations

import contextlib
import hmac
from pathlib import Path

from sqlalchemy.orm import Session

from sysmail.audit import record
from sysmail.config import Config
from sysmail.people.changes import create, who
from sysmail.people.find import has_administrator
from sysmail.people.person import Person
from sysmail.people.refused import Refused
from sysmail.vault import read_or_make


def setup_link(config: Config, session: Session) -> str | None:
    """The set-up page with its token while there is no administrator, else None.

    The token is made on first use and removed once it is needed no more.
    """
    if has_administrator(session):
        token_file(config).unlink(missing_ok=True)
        return None
    return f"{config.public_url}/setup?token={read_or_make(token_file(config))}"


def is_setup_token(config: Config, text: str) -> bool:
    """Whether `text` is the token, compared in constant time."""
    with contextlib.suppress(FileNotFoundError):
        token = token_file(config).read_text(encoding="ascii").strip()
        return bool(token) and hmac.compare_digest(token.encode(), text.encode())
    return False


def set_up(
    session: Session, config: Config, email: str, name: str, password_hash: str
) -> Person | Refused | None:
    """The first administrator; None when somebody else was quicker.

    Removing the token is what decides between two that come at once, so it comes before
    the caller's commit. Should that fail, the next start makes a new token.
    """
    if has_administrator(session):
        return None
    person = create(session, email, name, True, password_hash)
    if isinstance(person, Refused):
        return person
    record(session, "installation_set_up", person.actor, who(person))
    try:
        token_file(config).unlink()
    except FileNotFoundError:
        session.rollback()
        return None
    return person


def token_file(config: Config) -> Path:
    return config.instance / "setup-token"
