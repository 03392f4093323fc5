"""The summary that fills is due by what its person chose last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.notifications.notification import Notification
from sysmail.notifications.posting import due_at
from sysmail.notifications.recipients import MENTIONED
from sysmail.notifications.summary import Summary, is_item
from sysmail.preferences import Choice


@dataclass(frozen=True)
class Retimed:
    """How much the summary tells so far, and when it comes; `due_at` None: at once."""

    notices: int
    due_at: datetime | None


def retime_summary(
    session: Session, person_id: int, before: Choice, after: Choice
) -> Retimed | None:
    """Who wants mail at once, or mentions, and has one in it, gets what has gathered at once, but
    for quiet hours; None where nothing changes."""
    now = clock.now()
    was, due = due_at(before, now), due_at(after, now)
    hastens = after.mentions_at_once and not before.mentions_at_once
    if was == due and not hastens:
        return None
    is_open = (Summary.person_id == person_id, Summary.posted_at.is_(None))
    summary = session.scalars(select(Summary).where(*is_open).with_for_update()).one_or_none()
    if summary is None:
        return None
    if hastens and _tells_mention(session, summary):
        due = due_at(replace(after, frequency="immediate"), now)
    if was == due:
        return None
    summary.due_at = due
    session.flush()
    in_it = (Notification.summary_id == summary.id, *is_item())
    notices = session.scalar(select(func.count(Notification.id)).where(*in_it)) or 0
    return Retimed(notices, due if due > now else None) if notices else None


def _tells_mention(session: Session, summary: Summary) -> bool:
    mention = (Notification.summary_id == summary.id, Notification.because == MENTIONED)
    found = select(Notification.id).where(*mention, *is_item()).limit(1)
    return session.scalar(found) is not None
