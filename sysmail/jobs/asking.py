"""Asking the worker for something, and looking at what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.jobs.ending import end_unfinished
from sysmail.jobs.job import REPLACED, Job
from sysmail.vault import CannotOpen, Vault
from sysmail.words import language

VALUES_LIVE = timedelta(minutes=15)
_SPOKEN = "_language"


def ask(
    session: Session, vault: Vault, kind: str, values: Mapping[str, Any], person_id: int
) -> Job:
    """A waiting job; that person's unfinished one of the kind is ended. The commit wakes a worker.

    `values` must be fit for JSON; they are sealed, and gone after 15 minutes. What is told about
    the job is in the language in which it was asked for.
    """
    now = clock.now()
    end_unfinished(session, now, REPLACED, (Job.kind == kind) & (Job.person_id == person_id))
    sealed = vault.seal(json.dumps({**values, _SPOKEN: language.get()}), _context(kind, person_id))
    job = Job(kind=kind, person_id=person_id, values=sealed, report={}, created_at=now)
    session.add(job)
    session.flush()
    return job


def find(session: Session, job_id: int, kind: str, person_id: int | None = None) -> Job | None:
    """The job of that kind, if it is still kept and, where given, that person's."""
    job = session.get(Job, job_id)
    if job is None or job.kind != kind or person_id not in (None, job.person_id):
        return None
    return job


def values_of(vault: Vault, job: Job) -> dict[str, Any] | None:
    """What was asked for; None once it is erased or too old, or cannot be opened."""
    opened = _opened(vault, job)
    return opened and {name: value for name, value in opened.items() if name != _SPOKEN}


def spoken_in(vault: Vault, job: Job) -> str | None:
    """The language in which it was asked for, if that is still known."""
    return (_opened(vault, job) or {}).get(_SPOKEN)


def _opened(vault: Vault, job: Job) -> dict[str, Any] | None:
    if job.values is None or clock.now() - job.created_at >= VALUES_LIVE:
        return None
    try:
        values: dict[str, Any] = json.loads(
            vault.open(job.values, _context(job.kind, job.person_id))
        )
    except CannotOpen:
        return None
    return values


def _context(kind: str, person_id: int) -> dict[str, str | int | None]:
    return {"job": kind, "person": person_id}
