"""A person who signs in and may be told things; Flask-Security's user model."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from sysmail import clock
from sysmail.audit import Actor, Name
from sysmail.db import Base, Id, UtcTime

_REFUSED = text("refused_on IS NOT NULL")


class Person(Base, UserMixin):  # type: ignore[misc]
    """`email` is normalised and unique; `password` is an argon2 hash, or None until chosen.

    `refused_on` is the day (UTC) on which mail servers first said that nobody can be reached at
    the address, and nothing was accepted for it since; `bouncing_since` is set when they said so
    on a later day too. Who has `erased_at` is nobody any more: what they wrote stays.
    """

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_refused", "id", sqlite_where=_REFUSED),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(Name)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    is_administrator: Mapped[bool] = mapped_column(default=False, index=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    refused_on: Mapped[date | None]
    bouncing_since: Mapped[datetime | None] = mapped_column(UtcTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @property
    def roles(self) -> list[Any]:
        """Flask-Security asks for roles; here an administrator is a plain fact instead."""
        return []

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.name)


class Role(RoleMixin):  # type: ignore[misc]
    """Flask-Security wants a role model; none is used."""


def new_person(email: str, name: str, administrator: bool = False) -> Person:
    """An active person without a password."""
    return Person(
        email=email,
        name=name,
        is_administrator=administrator,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        created_at=clock.now(),
    )
