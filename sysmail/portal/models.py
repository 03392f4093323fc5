"""Apps, their members, records and comments: where triggers come from.

Ids are never given twice: SQLite would hand a deleted row's to the next one (its
AUTOINCREMENT forbids that), and a mail about the deleted thing would speak of another.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sysmail.db import Base, Id, UtcTime
from sysmail.people import Person

NAME_LENGTH = 100
TITLE_LENGTH = 200
BODY_LENGTH = 100_000
COMMENT_LENGTH = 20_000
_FRESH_IDS = {"sqlite_autoincrement": True}


class App(Base):
    """A place for records. An open app is everyone's who is signed in; else its members'."""

    __tablename__ = "app"
    __table_args__ = _FRESH_IDS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    is_open: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    created_by: Mapped[int] = mapped_column(Id, ForeignKey("person.id"))


class Membership(Base):
    """Who may see an app that is not open."""

    __tablename__ = "membership"

    app_id: Mapped[int] = mapped_column(
        Id, ForeignKey("app.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Record(Base):
    """`body` holds mentions as mentions.py stores them. Updated means edited, not commented."""

    __tablename__ = "record"
    __table_args__ = (Index("ix_record_app", "app_id", "id"), _FRESH_IDS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    app_id: Mapped[int] = mapped_column(Id, ForeignKey("app.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    created_by: Mapped[int] = mapped_column(Id, ForeignKey("person.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_by: Mapped[int] = mapped_column(Id, ForeignKey("person.id"))
    creator: Mapped[Person] = relationship(foreign_keys=[created_by], viewonly=True)
    editor: Mapped[Person] = relationship(foreign_keys=[updated_by], viewonly=True)


class Comment(Base):
    """Something said under a record; `text` holds mentions as mentions.py stores them."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_record", "record_id", "id"),
        Index("ix_comment_commenter", "record_id", "created_by"),
        _FRESH_IDS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    record_id: Mapped[int] = mapped_column(Id, ForeignKey("record.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    created_by: Mapped[int] = mapped_column(Id, ForeignKey("person.id"))
    creator: Mapped[Person] = relationship(viewonly=True)
