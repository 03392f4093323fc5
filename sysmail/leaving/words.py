"""The few rows that keep a name or a server's words beside the logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import Account, Authorization, Health, Watch
from sysmail.audit import FORMER_USER
from sysmail.leaving.known import Known
from sysmail.outbox import Resend
from sysmail.people import Person

_NAMING: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (Account, ("password_changed_by", "client_secret_changed_by")),
    (Authorization, ("consented_by",)),
    (Resend, ("asked_by",)),
)
_SAYING: tuple[tuple[type[Any], str], ...] = (
    (Authorization, "words"),
    (Health, "words"),
    (Watch, "words"),
    (Resend, "filters"),
)


def clear_words(session: Session, known: Known, _position: int, _captured: Path) -> None:
    """A name alone may be somebody else's: then it stays."""
    shared = select(Person.name).where(Person.name.in_(known.names), Person.erased_at.is_(None))
    names = set(known.names) - set(session.scalars(shared))
    for model, fields in _NAMING:
        for row in session.scalars(select(model)):
            for field in fields:
                if getattr(row, field) in names:
                    setattr(row, field, FORMER_USER)
    for model, field in _SAYING:
        for row in session.scalars(select(model)):
            setattr(row, field, known.without_addresses(getattr(row, field)))
