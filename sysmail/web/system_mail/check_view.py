"""A connection check as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.config import Config
from sysmail.diagnosis import (
    FAILED,
    RUNNING,
    WAITING,
    Checked,
    Errand,
    Explanation,
    Repair,
    Taken,
    read_checked,
    repairs,
    was_encrypted,
)
from sysmail.jobs import DONE, LOST, REPLACED, Job
from sysmail.jobs import WAITING as NOT_BEGUN
from sysmail.outbox import worker_alive
from sysmail.web.times import day


@dataclass(frozen=True)
class Check:
    """`state` waiting | running | ok | failed. `ended` lost | replaced where it was not carried
    through. `chosen`: the repair that the form below shows, waiting for a password.
    """

    id: int
    state: str
    found: Checked
    explanation: Explanation | None
    repairs: list[Repair]
    repaired: str
    chosen: Repair | None
    ended: str | None
    has_worker: bool
    has_values: bool
    was_encrypted: bool

    @property
    def is_moving(self) -> bool:
        """It changes by itself, so the block asks again."""
        return self.state in (WAITING, RUNNING)

    @property
    def to_come(self) -> list[str]:
        """The steps not begun yet, while it runs."""
        begun = {taken.step for taken in self.found.steps} | {self.found.running}
        return [step for step in self.found.order if step not in begun] if self.is_moving else []

    @property
    def seconds(self) -> str:
        return f"{self.found.milliseconds / 1000:.1f}"

    @property
    def expires_at(self) -> datetime:
        """The end of the certificate's life; now where there is none."""
        shown = self.found.certificate
        return datetime.fromisoformat(shown.expires_at) if shown else clock.now()

    @property
    def expires_on(self) -> str:
        return day(self.expires_at)

    @property
    def days_left(self) -> int:
        """Until then."""
        return (self.expires_at - clock.now()).days

    @property
    def trust_at_stake(self) -> bool:
        """Whether a repair would trust what was shown."""
        return any(repair.key.startswith("trust-") for repair in self.repairs)

    @property
    def plain_at_stake(self) -> bool:
        """Whether a repair would send unencrypted."""
        return any(repair.key.startswith("plain-") for repair in self.repairs)

    @property
    def lost_encryption(self) -> bool:
        """What the server offered before is missing now."""
        return self.found.cause == "starttls_not_offered" and self.was_encrypted

    def was_skipped_for(self, taken: Taken) -> str:
        """Why a step was left out: `capture`, `failure` before it, or the settings, which
        name the step itself."""
        if self.found.mode == "capture":
            return "capture"
        if self.found.login_left and taken.step == "auth" and self.found.failure is None:
            return self.found.login_left
        names = [one.step for one in self.found.steps]
        failure = self.found.failure
        after = failure is not None and names.index(failure.step) < names.index(taken.step)
        after = after or bool(self.found.login_left and taken.step in ("sender", "recipient"))
        return "failure" if after else taken.step


def check_view(
    session: Session, config: Config, job: Job, errand: Errand | None, chosen: Repair | None
) -> Check:
    """What is known of the check by now."""
    found = read_checked(job.report) if job.report else Checked()
    state = _state(job, found)
    offered = []
    if errand and state == FAILED:
        offered = repairs(session, config, found, errand.settings)
    return Check(
        id=job.id,
        state=state,
        found=found,
        explanation=found.explained() if found.failure else None,
        repairs=offered,
        repaired=errand.repaired if errand else "",
        chosen=chosen,
        ended=next((mark for mark in (LOST, REPLACED) if mark in job.report), None),
        has_worker=worker_alive(session),
        has_values=errand is not None,
        was_encrypted=was_encrypted(session, found),
    )


def _state(job: Job, found: Checked) -> str:
    if job.state == NOT_BEGUN:
        return WAITING
    if job.state == DONE and found.state == RUNNING:
        return FAILED
    return found.state
