"""The worker's side: takes waiting jobs and has them done, two at a time."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.faults import told
from sysmail.jobs.asking import spoken_in, values_of
from sysmail.jobs.job import WAITING, Job
from sysmail.jobs.keeping import forget
from sysmail.jobs.running import Running, start
from sysmail.vault import Vault
from sysmail.words import DEFAULT_LANGUAGE, language

log = logging.getLogger("sysmail.worker")

_AT_ONCE = 2
_REST_SECONDS = 1.0
# The worker nudges at every turn, so a busy one would have the table read all the time.
_PACE_SECONDS = 0.05
_TIDY_SECONDS = 10.0
_PARTING_SECONDS = 1.0


class Report(Protocol):
    """What a handler tells while it works."""

    def write(self, report: dict[str, Any]) -> None:
        """Replaces what pages show, in a short transaction of its own."""

    def cancelled(self) -> bool:
        """Whether nobody waits for the outcome any more; the handler should return."""


Handler = Callable[[Mapping[str, Any], Report], None]


class JobRunner(threading.Thread):
    """Looks for waiting jobs once a second, and at once when it is nudged.

    A handler that raises ends its own thread, and its job as lost.
    """

    def __init__(
        self, sessions: Callable[[], Session], vault: Vault, handlers: Mapping[str, Handler]
    ) -> None:
        super().__init__(name="jobs", daemon=True)
        self._sessions = sessions
        self._vault = vault
        self._handlers = handlers
        self._nudged = threading.Event()
        self._stopping = threading.Event()
        self._busy: dict[int, threading.Thread] = {}
        self._taking = threading.Lock()
        self._tidy_at = 0.0

    def run(self) -> None:
        while not self._stopping.is_set():
            self._nudged.clear()
            try:
                goes_on = self._safely(self._look)
            except Exception as fault:
                log.error("a fault while jobs were looked for, which goes on: %s", told(fault))
                goes_on = False
            if not goes_on:
                self._stopping.wait(_PACE_SECONDS)
                self._nudged.wait(_REST_SECONDS)

    def nudge(self) -> None:
        """There may be a job; costs nothing."""
        if not self._nudged.is_set():
            self._nudged.set()

    def is_idle(self) -> bool:
        """Whether no job waits or is being done here; not, where that cannot be known."""
        with self._taking:
            return not self._busy and self._safely(self._nothing_waits)

    def stop(self) -> None:
        """Takes no more; what is under way is told, and lost when it does not end soon."""
        self._stopping.set()
        self._nudged.set()
        until = clock.monotonic() + _PARTING_SECONDS
        for thread in [self, *self._busy.values()]:
            if thread.ident is not None:
                thread.join(max(0.0, until - clock.monotonic()))

    def _safely(self, step: Callable[[], bool]) -> bool:
        try:
            return step()
        except SQLAlchemyError as error:
            log.warning("jobs wait: the database refuses (%s)", type(error).__name__)
            return False

    def _look(self) -> bool:
        """Starts one waiting job; whether there may be more for now."""
        with self._taking, self._sessions() as session:
            self._tidy(session)
            if len(self._busy) >= _AT_ONCE:
                return False
            job = session.scalar(select(Job).where(self._fit()).order_by(Job.id).limit(1))
            if job is None:
                return False
            if start(session, job):
                session.refresh(job)
                self._begin(job)
        return True

    def _begin(self, job: Job) -> None:
        running = Running(self._sessions, job.id, self._stopping)
        what = (job.id, self._handlers[job.kind], values_of(self._vault, job), running)
        spoken = contextvars.copy_context()
        spoken.run(language.set, spoken_in(self._vault, job) or DEFAULT_LANGUAGE)
        self._busy[job.id] = threading.Thread(
            target=spoken.run, args=(self._do, *what), name="job", daemon=True
        )
        self._busy[job.id].start()

    def _do(
        self, job_id: int, handler: Handler, values: dict[str, Any] | None, running: Running
    ) -> None:
        try:
            if values is not None:
                handler(values, running)
                running.done = not self._stopping.is_set()
        except Exception as fault:
            log.error("a fault in a job, which is lost: %s", told(fault))
        finally:
            self._safely(running.end)
            del self._busy[job_id]
            self._nudged.set()

    def _nothing_waits(self) -> bool:
        with self._sessions() as session:
            return session.scalar(select(Job.id).where(self._fit()).limit(1)) is None

    def _fit(self) -> Any:
        return (Job.state == WAITING) & Job.kind.in_(self._handlers)

    def _tidy(self, session: Session) -> None:
        if clock.monotonic() >= self._tidy_at:
            self._tidy_at = clock.monotonic() + _TIDY_SECONDS
            forget(session, clock.now())
            session.commit()
