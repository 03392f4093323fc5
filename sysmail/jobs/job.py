"""A job's row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from sysmail.db import Base, Id, UtcTime

WAITING = "waiting"
RUNNING = "running"
DONE = "done"

# Marks in the report of a job that did not run to its end.
REPLACED = "replaced"
LOST = "lost"


class Job(Base):
    """`values`: sealed JSON, None once erased. `report`: what the handler last wrote; it holds
    `replaced` or `lost` where the job was ended before its handler was done.
    """

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(10), default=WAITING, index=True)
    values: Mapped[str | None] = mapped_column("values_sealed", Text)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @property
    def is_done(self) -> bool:
        return self.state == DONE
