"""What becomes of jobs in time: secrets are erased, the abandoned ended, the old forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from sysmail.jobs.asking import VALUES_LIVE
from sysmail.jobs.ending import end_unfinished
from sysmail.jobs.job import LOST, RUNNING, Job

LONGEST_RUN = timedelta(seconds=60)
_KEPT = timedelta(days=1)


def forget(session: Session, now: datetime) -> None:
    """Ends what a dead worker left, erases values after 15 minutes, deletes rows after a day.

    It writes only where there is something to write.
    """
    old = Job.created_at <= now - _KEPT
    stale = and_(Job.values.is_not(None), Job.created_at <= now - VALUES_LIVE)
    end_unfinished(session, now, LOST, _abandoned(now))
    if _any(session, stale):
        session.execute(update(Job).where(stale).values(values=None))
    if _any(session, old):
        session.execute(delete(Job).where(old))


def _abandoned(now: datetime) -> ColumnElement[bool]:
    """It ran for too long, or waited until its values were gone."""
    runs_on = and_(Job.state == RUNNING, Job.started_at <= now - LONGEST_RUN)
    return or_(runs_on, Job.created_at <= now - VALUES_LIVE)


def _any(session: Session, condition: ColumnElement[bool]) -> bool:
    return session.scalar(select(Job.id).where(condition).limit(1)) is not None
