"""One decision per person and event: who was told, who was not, and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sysmail.db import Base, Id, UtcTime

_ITEM = text("summary_id IS NOT NULL AND dropped IS NULL")
_DROPPED = text("dropped IS NOT NULL")
# Written out, since SQLite uses a partial index only where it reads its very condition.
SHOWN = text(
    "(skip IS NULL OR skip = 'bouncing' OR (skip IN ('switched_off', 'kind_off')"
    " AND because IN ('mentioned', 'creator', 'editor', 'commenter')))"
)


class Notification(Base):
    """`because` says why the person is concerned: mentioned, creator, editor, commenter
    (all of them "to me"), follows, or administrator. `skip` is None for a mail that was made,
    else why none was: own_action, disabled, switched_off, only_to_me, kind_off.

    One that a summary tells, or will tell, has its `summary_id` and no mail of its own;
    `dropped` says why the summary leaves it out: read, struck, deleted, no_access, disabled or
    a reason of the choice. Such a one counts as withdrawn. `read_at`: when it was read in the
    portal, whose bell shows what SHOWN says: what is mailed, and what is to the person though
    they want no mail of it.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        Index("ix_notification_person", "person_id", "id"),
        Index("ix_notification_item", "summary_id", "id", sqlite_where=_ITEM),
        Index("ix_notification_dropped", "event_id", sqlite_where=_DROPPED),
        Index("ix_notification_bell", "person_id", "read_at", "id", sqlite_where=SHOWN),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    event_id: Mapped[int] = mapped_column(Id, ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(Id)
    because: Mapped[str] = mapped_column(String(20))
    skip: Mapped[str | None] = mapped_column(String(20))
    summary_id: Mapped[int | None] = mapped_column(Id)
    dropped: Mapped[str | None] = mapped_column(String(20))
    read_at: Mapped[datetime | None] = mapped_column(UtcTime)


_table = Notification.__table__
assert isinstance(_table, Table)
NOTIFICATIONS: Table = _table
