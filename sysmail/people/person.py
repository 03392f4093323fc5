"""A person who signs in and may be told things; Flask-Security's user model."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from sysmail import clock
from sysmail.audit import Actor
from sysmail.db import Base, Id, UtcTime


class Person(Base, UserMixin):  # type: ignore[misc]
    """`email` is normalised and unique; `password` is an argon2 hash, or None until chosen."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    is_administrator: Mapped[bool] = mapped_column(default=False, index=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

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
