"""Who was told of a record or comment, who was not, and why: read from the decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, literal, null, or_, select
from sqlalchemy.orm import Session, aliased

from sysmail.events import COMMENT_POSTED, RECORD_ADDED, Event
from sysmail.notifications.notification import Notification
from sysmail.notifications.summary import Summary
from sysmail.outbox import LOST, Delivery
from sysmail.people import Person

MAILED = "mailed"
SUMMARY = "summary"
NOT = "not"
WAYS = (MAILED, SUMMARY, NOT)
# In place of the state of a mail that ended, and is older than is kept.
GONE = "gone"
_ENDED = ("failed", "withdrawn")


@dataclass(frozen=True)
class Tally:
    """How many people one event was decided for, and how they were told. Until `is_decided`
    there may be more of them. `comment_id` is None for the event of the record itself."""

    event_id: int
    comment_id: int | None
    people: int
    mailed: int
    summary: int
    is_decided: bool

    def count(self, way: str) -> int:
        """For one of WAYS."""
        told = {MAILED: self.mailed, SUMMARY: self.summary}
        return told.get(way, self.people - self.mailed - self.summary)


class Told(NamedTuple):
    """How one person was told of one event. `way` is one of WAYS; `why` a code of reasons.py,
    None for whom is mailed; `state` that of the mail `delivery_id`, their own or the summary, GONE
    where it is not kept any more, None where none is made (yet)."""

    id: int
    event_id: int
    person_id: int
    name: str | None
    because: str
    way: str
    why: str | None
    state: str | None
    read_at: datetime | None
    delivery_id: int | None
    summary_due_at: datetime | None


def tallies(session: Session, record_id: int, comment_ids: Iterable[int]) -> list[Tally]:
    """Of the record and these comments of it, in one statement, whatever the number of people."""
    lost = _count(Delivery.id, Delivery.event_id == Event.id, LOST)
    lost_summaries = _in_lost_summaries()
    dropped = _count(
        Notification.id, Notification.event_id == Event.id, Notification.dropped.is_not(None)
    )
    found = session.execute(
        select(
            *(Event.id, Event.comment_id, Event.notified),
            *(Event.mailed - lost, Event.summarised - dropped - lost_summaries),
            Event.expanded_at.is_not(None),
        ).where(
            Event.record_id == record_id,
            or_(
                and_(Event.comment_id.is_(None), Event.kind == RECORD_ADDED.name),
                and_(Event.comment_id.in_(list(comment_ids)), Event.kind == COMMENT_POSTED.name),
            ),
        )
    )
    return [Tally(*row) for row in found]


def told_of(session: Session, event_ids: Iterable[int]) -> list[Told]:
    """Everybody each event was decided for, by event and person."""
    wanted = _TOLD.where(Notification.event_id.in_(list(event_ids)))
    rows = session.execute(wanted.order_by(Notification.event_id, Notification.person_id))
    return [Told(*row) for row in rows]


def told_to(session: Session, person_id: int, event_ids: Iterable[int]) -> dict[int, Told]:
    """What was decided for one person, by event."""
    wanted = _TOLD.where(
        Notification.event_id.in_(list(event_ids)), Notification.person_id == person_id
    )
    return {row.event_id: Told(*row) for row in session.execute(wanted)}


def everybody_told(event_id: int, way: str | None) -> Select[*tuple[Any, ...]]:
    """Rows of what Told holds for one event, all or those told in one of WAYS."""
    found = _TOLD.where(Notification.event_id == event_id)
    return found if way is None else found.where(_way == way)


def decided_for(person_id: int) -> Select[*tuple[Any, ...]]:
    """Rows of what Told holds and of the event, for everything decided for one person."""
    event = (Event.kind, Event.created_at, Event.snapshot)
    found = _TOLD.join(Event, Event.id == Notification.event_id).add_columns(*event)
    return found.where(Notification.person_id == person_id)


def event_about(session: Session, record_id: int, comment_id: int | None) -> Event | None:
    """What told of a record being added, or of a comment of it being posted."""
    kind = RECORD_ADDED if comment_id is None else COMMENT_POSTED
    about = (Event.record_id == record_id, Event.kind == kind.name)
    which = Event.comment_id.is_(None) if comment_id is None else Event.comment_id == comment_id
    return session.scalars(select(Event).where(*about, which)).one_or_none()


def _count(what: Any, *conditions: Any) -> Any:
    return select(func.count(what)).where(*conditions).correlate(Event).scalar_subquery()


def _in_lost_summaries() -> Any:
    """From what was lost to the event: there is little of it, however many people are told."""
    found = (
        select(func.count(Notification.id))
        .select_from(Delivery)
        .join(Summary, Summary.delivery_id == Delivery.id)
        .join(
            Notification,
            and_(
                Notification.event_id == Event.id,
                Notification.person_id == Summary.person_id,
                Notification.summary_id == Summary.id,
                Notification.dropped.is_(None),
            ),
        )
        .where(Delivery.notices.is_not(None), Delivery.state.in_(_ENDED))
    )
    return found.correlate(Event).scalar_subquery()


_MAIL, _DIGEST = aliased(Delivery), aliased(Delivery)
_why = case(
    (Notification.skip.is_not(None), Notification.skip),
    (Notification.dropped.is_not(None), Notification.dropped),
    (_DIGEST.state.in_(_ENDED), func.coalesce(_DIGEST.reason, _DIGEST.state)),
    (Notification.summary_id.is_not(None), literal(SUMMARY)),
    (_MAIL.state.in_(_ENDED), func.coalesce(_MAIL.reason, _MAIL.state)),
    else_=null(),
)
_way = case(
    (_why.is_(None), literal(MAILED)), (_why == SUMMARY, literal(SUMMARY)), else_=literal(NOT)
)
_gone = case(
    (Notification.skip.is_not(None) | Notification.dropped.is_not(None), null()),
    (Notification.summary_id.is_(None) | Summary.posted_at.is_not(None), literal(GONE)),
    else_=null(),
)
_TOLD: Select[*tuple[Any, ...]] = (
    select(
        *(Notification.id, Notification.event_id, Notification.person_id, Person.name),
        *(Notification.because, _way.label("way"), _why.label("why")),
        func.coalesce(_MAIL.state, _DIGEST.state, _gone).label("state"),
        Notification.read_at,
        func.coalesce(_MAIL.id, _DIGEST.id).label("delivery_id"),
        Summary.due_at.label("summary_due_at"),
    )
    .outerjoin(Person, Person.id == Notification.person_id)
    .outerjoin(
        _MAIL,
        and_(_MAIL.event_id == Notification.event_id, _MAIL.person_id == Notification.person_id),
    )
    .outerjoin(Summary, Summary.id == Notification.summary_id)
    .outerjoin(_DIGEST, _DIGEST.id == Summary.delivery_id)
)
