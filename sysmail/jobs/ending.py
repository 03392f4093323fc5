"""Jobs that end before their handler is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from sysmail.jobs.job import DONE, Job


def end_unfinished(session: Session, now: datetime, mark: str, which: ColumnElement[bool]) -> None:
    """Ends those that are not done, with `mark` in their reports. Writes only where there are."""
    unfinished = select(Job).where(which, Job.state != DONE)
    # Its handler may have written since this session last read it.
    for job in session.scalars(unfinished.execution_options(populate_existing=True)).all():
        mine = update(Job).where(Job.id == job.id, Job.state != DONE)
        session.execute(mine.values(state=DONE, ended_at=now, report={**job.report, mark: True}))
