"""What happened, as an immutable snapshot written in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import clock
from sysmail.db import Base, Id, UtcTime
from sysmail.events.kinds import CATALOGUE, Kind


class Event(Base):
    """One thing that happened. Expansion turns it into notifications, then sets expanded_at.

    `notified` counts these; `mailed` those with a mail of their own, `summarised` those that
    went to a summary, as expansion decided.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_waiting", "id", sqlite_where=text("expanded_at IS NULL")),
        Index("ix_event_subject", "record_id", "comment_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    actor_id: Mapped[int | None] = mapped_column(Id)
    app_id: Mapped[int | None] = mapped_column(Id)
    record_id: Mapped[int | None] = mapped_column(Id)
    comment_id: Mapped[int | None] = mapped_column(Id)
    entry_id: Mapped[int | None] = mapped_column(Id)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    expanded_to: Mapped[int] = mapped_column(Id, default=0)
    expanded_at: Mapped[datetime | None] = mapped_column(UtcTime)
    notified: Mapped[int] = mapped_column(default=0)
    mailed: Mapped[int] = mapped_column(default=0)
    summarised: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class Subject:
    """What the event is about: the ids that permission and withdrawal are decided by."""

    app_id: int | None = None
    record_id: int | None = None
    comment_id: int | None = None
    entry_id: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """What a mail needs to tell the event later, whatever has changed meanwhile.

    `values` holds plain JSON: names and texts for people, and under "mentioned" and
    "concerned" the ids of the persons addressed.
    """

    values: dict[str, Any] = field(default_factory=dict)


def publish(
    session: Session, kind: Kind, actor_id: int | None, subject: Subject, snapshot: Snapshot
) -> Event:
    """Writes one row; its cost does not grow with the number of people told."""
    if CATALOGUE.get(kind.name) is not kind:
        raise ValueError(f"{kind.name} is not in the catalogue of triggers")
    event = Event(
        kind=kind.name,
        created_at=clock.now(),
        actor_id=actor_id,
        app_id=subject.app_id,
        record_id=subject.record_id,
        comment_id=subject.comment_id,
        entry_id=subject.entry_id,
        snapshot=snapshot.values,
    )
    session.add(event)
    session.flush()
    return event
