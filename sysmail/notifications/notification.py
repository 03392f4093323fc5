"""One decision per person and event: who was told, who was not, and why."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sysmail.db import Base, Id


class Notification(Base):
    """`because` says why the person is concerned: mentioned, creator, editor, commenter
    (all of them "to me"), follows, or administrator. `skip` is None for a mail that was made,
    else why none was: own_action, disabled, switched_off, only_to_me, kind_off."""

    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("event_id", "person_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    event_id: Mapped[int] = mapped_column(Id, ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(Id, index=True)
    because: Mapped[str] = mapped_column(String(20))
    skip: Mapped[str | None] = mapped_column(String(20))
