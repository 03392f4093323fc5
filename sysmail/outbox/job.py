"""What a courier carries, by which way, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sysmail.account import Capture, Direct, External
from sysmail.mime import Built
from sysmail.outbox.journal import Journal
from sysmail.smtp import Accepted, Endpoint, Kind, Phase, Trouble

Way = External | Direct | Capture
Key = tuple[int, str]


class Job(NamedTuple):
    """One claimed delivery, composed.

    `version` is the account's version the way was made from. `probe`: the account is paused
    and this one finds out whether it works again; without `built` by logging in alone.
    """

    delivery_id: int
    token: str
    way: Way
    version: int
    domain: str
    built: Built | None
    probe: bool = False

    @property
    def key(self) -> Key:
        """Equal for jobs that may share a connection."""
        return self.version, self.domain if isinstance(self.way, Direct) else ""


class Result(NamedTuple):
    """How a job ended, and over what connection."""

    job: Job
    outcome: Accepted | Trouble | None
    endpoint: Endpoint
    tls: str | None
    milliseconds: int
    transcript: str


@dataclass(frozen=True)
class Permission:
    """What is asked and noted around each final dot."""

    is_fresh: Callable[[], bool]
    journal: Journal
    stopping: threading.Event

    def dot(self, job: Job) -> bool:
        """Whether the dot may leave; what the journal cannot hold is not sent."""
        if self.stopping.is_set() or not self.is_fresh() or job.built is None:
            return False
        try:
            self.journal.dot(job.delivery_id, job.token, job.built.sha256)
        except OSError:
            return False
        # Whoever slept between question and note may have been taken over before the note.
        return self.is_fresh()

    def reply(self, job: Job, outcome: Accepted | Trouble) -> None:
        if outcome.reply is not None:
            self.journal.reply(job.delivery_id, job.token, outcome.reply.code)


def unsent(job: Job) -> Result:
    """It was not begun; certainly no server has seen it."""
    trouble = Trouble(Phase.LOCAL, Kind.ABANDONED)
    return Result(job, trouble, Endpoint("", 0), None, 0, "")
