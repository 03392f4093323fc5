"""What a person wants to be told. No row means: never chose, so the default holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sysmail.db import Base, Id, UtcTime


class Preference(Base):
    """`receive` none | to_me | all; `kinds` a sum of Kind.bit; `format` html | text."""

    __tablename__ = "preference"

    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    receive: Mapped[str] = mapped_column(String(10))
    kinds: Mapped[int]
    format: Mapped[str] = mapped_column(String(10))
    chosen_at: Mapped[datetime] = mapped_column(UtcTime)
