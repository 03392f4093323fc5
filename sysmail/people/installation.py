"""The one row that tells when this installation was first set up, and keeps its link key."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import clock
from sysmail.db import Base, UtcTime
from sysmail.vault import Vault

_CONTEXT = {"purpose": "links in mails"}


class Installation(Base):
    """`link_key` signs links in mails; it is not rotated with the session key."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    link_key: Mapped[str] = mapped_column(String(500))


def ensure_installation(session: Session, vault: Vault) -> Installation:
    """The row, made on first start."""
    installation = session.get(Installation, 1)
    if installation is None:
        sealed = vault.seal(secrets.token_urlsafe(32), _CONTEXT)
        installation = Installation(id=1, created_at=clock.now(), link_key=sealed)
        session.add(installation)
        session.flush()
    return installation


def link_key(session: Session, vault: Vault) -> bytes:
    """The key of unsubscribe links. Raises CannotOpen when the vault's key is lost."""
    return vault.open(ensure_installation(session, vault).link_key, _CONTEXT).encode()
