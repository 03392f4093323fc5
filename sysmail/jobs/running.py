"""A job under way: what its handler tells, written only while the job is still its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.jobs.job import DONE, LOST, RUNNING, WAITING, Job


def start(session: Session, job: Job) -> bool:
    """Takes a waiting job and commits; False where somebody else has it."""
    mine = update(Job).where(Job.id == job.id, Job.state == WAITING)
    taken = session.connection().execute(mine.values(state=RUNNING, started_at=clock.now()))
    session.commit()
    return taken.rowcount == 1


class Running:
    """One running job, as its handler's `Report`."""

    def __init__(
        self, sessions: Callable[[], Session], job_id: int, stopping: threading.Event
    ) -> None:
        self._sessions = sessions
        self._id = job_id
        self._stopping = stopping
        self._report: dict[str, Any] = {}
        self.done = False

    def write(self, report: dict[str, Any]) -> None:
        self._report = report
        self._change(report=report)

    def cancelled(self) -> bool:
        if self._stopping.is_set():
            return True
        with self._sessions() as session:
            return session.scalar(select(Job.state).where(Job.id == self._id)) != RUNNING

    def end(self) -> bool:
        """Done, or lost where the handler did not come to its end."""
        report = self._report if self.done else {**self._report, LOST: True}
        return self._change(state=DONE, ended_at=clock.now(), report=report)

    def _change(self, **values: Any) -> bool:
        mine = update(Job).where(Job.id == self._id, Job.state == RUNNING)
        with self._sessions() as session:
            changed = session.connection().execute(mine.values(**values))
            session.commit()
        return changed.rowcount == 1
