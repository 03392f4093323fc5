"""The tray: the summary that fills for one person, while it can still be changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.notifications.items import asked_of_items
from sysmail.notifications.notification import NOTIFICATIONS, SHOWN, Notification
from sysmail.notifications.posting import due_at
from sysmail.notifications.summary import SUMMARIES, Summary, is_item
from sysmail.preferences import choice_of, quiet_until

STRUCK = "struck"
SHOWN_STRUCK = 50


@dataclass(frozen=True)
class Tray:
    """How much the next summary tells so far, and when it goes: in UTC, past where it goes now."""

    count: int
    due_at: datetime


def tray(session: Session, person_id: int) -> Tray | None:
    """The summary that fills; None where there is nothing in it to tell."""
    found = _open(session, person_id)
    count = session.scalar(select(func.count()).select_from(tray_items(person_id).subquery()))
    if found is None or not count:
        return None
    return Tray(count, found.due_at or due_at(choice_of(session, person_id), clock.now()))


def tray_items(person_id: int) -> Select[int, int]:
    """Rows (id, event_id) of what it tells, the newest first by id."""
    is_mine = (Summary.person_id == person_id, Summary.posted_at.is_(None))
    asked = asked_of_items(*is_mine).subquery()
    told = select(asked.c.id, asked.c.event_id).where(asked.c.reason.is_(None))
    return told.order_by(asked.c.id.desc())


def strike(session: Session, person_id: int, item_id: int) -> bool:
    """Takes one item out of the person's own summary; False where it is not in it (any more)."""
    found = _open(session, person_id, lock=True)
    if found is None:
        return False
    item = (NOTIFICATIONS.c.id == item_id, NOTIFICATIONS.c.summary_id == found.id)
    struck = session.connection().execute(
        update(NOTIFICATIONS).where(*item, *is_item()).values(dropped=STRUCK)
    )
    session.expire_all()
    return struck.rowcount == 1


def struck_items(session: Session, person_id: int) -> list[tuple[int, int]]:
    """(id, event_id) of what was struck out of the summary that fills, the newest first: up to
    SHOWN_STRUCK that the person may still be told of."""
    asked = asked_of_items(
        Summary.person_id == person_id,
        Summary.posted_at.is_(None),
        # By the bell's index: the struck ones stand in none of their own.
        Notification.person_id == person_id,
        Notification.read_at.is_(None),
        SHOWN,
        dropped=STRUCK,
    ).subquery()
    found = select(asked.c.id, asked.c.event_id).where(asked.c.reason.is_(None))
    rows = session.execute(found.order_by(asked.c.id.desc()).limit(SHOWN_STRUCK))
    return [(id_, event_id) for id_, event_id in rows]


def put_back(session: Session, person_id: int, item_id: int) -> bool:
    """Undoes `strike`, also when it is undone already; False where the summary was sent since, or
    leaves it out for another reason."""
    found = _open(session, person_id, lock=True)
    if found is None:
        return False
    item = (NOTIFICATIONS.c.id == item_id, NOTIFICATIONS.c.summary_id == found.id)
    dropped = NOTIFICATIONS.c.dropped
    own = update(NOTIFICATIONS).where(*item, or_(dropped == STRUCK, dropped.is_(None)))
    back = session.connection().execute(own.values(dropped=None))
    session.expire_all()
    return back.rowcount == 1


def send_now(session: Session, person_id: int) -> datetime | None:
    """Lets the summary go at once, or when the person's quiet hours end: then. None where there
    is none to send."""
    now = clock.now()
    due = quiet_until(choice_of(session, person_id), now) or now
    if tray(session, person_id) is None:
        return None
    is_mine = (SUMMARIES.c.person_id == person_id, SUMMARIES.c.posted_at.is_(None))
    moved = session.connection().execute(update(SUMMARIES).where(*is_mine).values(due_at=due))
    session.expire_all()
    return due if moved.rowcount else None


def _open(session: Session, person_id: int, lock: bool = False) -> Summary | None:
    is_mine = (Summary.person_id == person_id, Summary.posted_at.is_(None))
    found = select(Summary).where(*is_mine)
    return session.scalars(found.with_for_update() if lock else found).one_or_none()
