"""After a commit whose answer was lost: what of it is on disk all the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.outbox.delivery import Attempt, Delivery
from sysmail.outbox.job import Result


def unwritten(session: Session, results: Sequence[Result], since: datetime) -> list[Result]:
    """Without those whose claim is over and whose very try was written `since` then: told once
    more, a mail would seem to have gone twice."""
    return [result for result in results if not _is_written(session, result, since)]


def _is_written(session: Session, result: Result, since: datetime) -> bool:
    job = result.job
    ours = select(Delivery.id).where(
        Delivery.id == job.delivery_id, Delivery.claim_token == job.token
    )
    same = select(Attempt.id).where(
        Attempt.delivery_id == job.delivery_id,
        Attempt.at >= since,
        Attempt.host == result.endpoint.host[:255],
        Attempt.milliseconds == result.milliseconds,
    )
    return session.scalar(ours) is None and session.scalar(same.limit(1)) is not None
