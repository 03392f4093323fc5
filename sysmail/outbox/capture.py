"""The capturing mail server: every mail becomes an .eml file in the instance."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sysmail.mime import Built
from sysmail.outbox.job import Job, Permission, Result, unsent
from sysmail.smtp import Accepted, Endpoint, Kind, Phase, Reply, Trouble


def captured(job: Job, folder: Path, permission: Permission) -> Result:
    """What becomes of a job there; a probe, which has no message, meets no trouble."""
    outcome: Accepted | Trouble | None = None
    if job.built is not None:
        if not permission.dot(job):
            return unsent(job)
        outcome = _keep(folder, job.delivery_id, job.built)
        permission.reply(job, outcome)
    return Result(job, outcome, Endpoint("capture", 0), None, 0, "")


def _keep(folder: Path, delivery_id: int, built: Built) -> Accepted | Trouble:
    """Writes the message durably, then names it; a repeat replaces the same file."""
    target = folder / f"{delivery_id}.eml"
    draft = folder / f".{delivery_id}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with open(draft, "xb", opener=_private) as file:
            file.write(built.data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        detail = f"the captured mail could not be written ({error.strerror})"
        return Trouble(Phase.LOCAL, Kind.LOST, detail=detail)
    return Accepted(Reply(250, "2.0.0", (f"2.0.0 kept as {target.name}",)), "capture", 0, None, 0)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
