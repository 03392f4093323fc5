"""Due times that a wrong clock put too far ahead are pulled back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import LONGEST_HINT, longest_wait, pull_back_waits
from sysmail.config import Config
from sysmail.outbox.delivery import CLAIMABLE, DELIVERIES, Delivery, Priority

_SKEW = timedelta(minutes=1)
# Less than a day on the person's clock, which may be set back in the meantime.
_LONGEST_QUIET = timedelta(hours=26)


def pull_back(session: Session, config: Config) -> None:
    """Makes due now what is due later than any wait could ask for, and what was born in the
    future; ends such waits of the account too.
    """
    now = clock.now()
    longest = max(longest_wait(config), config.uncertain_wait, LONGEST_HINT, _LONGEST_QUIET)
    ahead = [_due_after(now + longest), (*_due_after(now), Delivery.created_at > now + _SKEW)]
    pull_back_waits(session, config, now)
    for wrong in ahead:
        if session.scalar(select(Delivery.id).where(*wrong).limit(1)) is not None:
            session.execute(update(DELIVERIES).where(*wrong).values(due_at=now))


def _due_after(when: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.state.in_(CLAIMABLE),
        Delivery.priority.in_(Priority.ALL),
        Delivery.due_at > when,
    )
