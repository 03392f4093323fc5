"""A summary: one mail that tells many notifications. A person fills one at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Index, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from sysmail.db import Base, Id, UtcTime
from sysmail.notifications.notification import NOTIFICATIONS

_OPEN = text("posted_at IS NULL")

DIGEST = "digest"
LISTED = 100


class Summary(Base):
    """Open, that is filling, until `posted_at`; the worker computes `due_at` where it is None.

    `delivery_id` is the mail it became; None where nothing was left in it to tell.
    """

    __tablename__ = "summary"
    __table_args__ = (
        Index("ix_summary_open", "person_id", unique=True, sqlite_where=_OPEN),
        Index("ix_summary_due", "due_at", "id", sqlite_where=_OPEN),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(Id)
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    delivery_id: Mapped[int | None] = mapped_column(Id, unique=True)
    posted_at: Mapped[datetime | None] = mapped_column(UtcTime)


_table = Summary.__table__
assert isinstance(_table, Table)
SUMMARIES: Table = _table


def is_item() -> list[ColumnElement[bool]]:
    """What stands in a summary, and was not dropped from it; served by an index of its own."""
    return [NOTIFICATIONS.c.summary_id.is_not(None), NOTIFICATIONS.c.dropped.is_(None)]
