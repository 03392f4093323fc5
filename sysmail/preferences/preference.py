"""What a person wants to be told, and what administrators set for those who never chose."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from sysmail.db import Base, Id, UtcTime


class _Wishes:
    """`receive` none | to_me | all; `kinds` a sum of Kind.bit; `format` html | text.

    `frequency` immediate | hourly | daily; times of day are HH:MM; `weekdays` is a sum of
    1 = Monday to 64 = Sunday; `timezone` an IANA name, `language` a BCP 47 tag.
    """

    receive: Mapped[str] = mapped_column(String(10))
    kinds: Mapped[int]
    format: Mapped[str] = mapped_column(String(10))
    frequency: Mapped[str | None] = mapped_column(String(10))
    daily_at: Mapped[str | None] = mapped_column(String(5))
    weekdays: Mapped[int | None]
    mentions_at_once: Mapped[bool | None]
    quiet_from: Mapped[str | None] = mapped_column(String(5))
    quiet_until: Mapped[str | None] = mapped_column(String(5))
    language: Mapped[str | None] = mapped_column(String(20))
    timezone: Mapped[str | None] = mapped_column(String(64))
    unread_only: Mapped[bool | None]


class Preference(_Wishes, Base):
    """One person's choice. No row: never chose. Without a `frequency`: chose what, not yet when;
    the default holds for the rest."""

    __tablename__ = "preference"

    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    chosen_at: Mapped[datetime] = mapped_column(UtcTime)


class PreferenceDefault(_Wishes, Base):
    """At most one row, 1: what holds for those who never chose, as administrators set it."""

    __tablename__ = "preference_default"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class AppChoice(Base):
    """`mode` follow | mute: an app about which a person wants to hear more, or nothing."""

    __tablename__ = "app_choice"

    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    app_id: Mapped[int] = mapped_column(
        Id, ForeignKey("app.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    mode: Mapped[str] = mapped_column(String(10))


class RecordChoice(Base):
    """The same for a record; it outweighs what is chosen for the record's app."""

    __tablename__ = "record_choice"

    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    record_id: Mapped[int] = mapped_column(
        Id, ForeignKey("record.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    mode: Mapped[str] = mapped_column(String(10))
