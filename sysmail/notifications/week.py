"""What each choice would have meant: the mails of a person's own last seven days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.events import CATALOGUE, Event
from sysmail.notifications.notification import Notification
from sysmail.notifications.recipients import DISABLED, MENTIONED, OWN_ACTION
from sysmail.preferences import (
    FREQUENCIES,
    RECEIVE,
    Choice,
    app_modes,
    next_summary,
    quiet_until,
    record_modes,
    wants,
)

MOST = 5000
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """Mails by `receive`, by kind and by `frequency`, the rest being as chosen.

    `is_part`: more than MOST things happened, and only the latest of them are counted.
    """

    receive: dict[str, int]
    kinds: dict[str, int]
    frequency: dict[str, int]
    is_part: bool


@dataclass(frozen=True)
class _Happened:
    kind: str
    because: str
    mode: str | None
    at: datetime


def last_week(session: Session, person_id: int, choice: Choice) -> Week:
    """The figures, computed from what the person was or was not told."""
    happened = _happened(session, person_id)
    week = _Mails(happened[:MOST])
    own = {kind.name: replace(choice, kinds=kind.bit) for kind in CATALOGUE.values()}
    return Week(
        {receive: week.of(replace(choice, receive=receive)) for receive in RECEIVE},
        {name: week.of(alone) for name, alone in own.items()},
        {often: week.of(replace(choice, frequency=often)) for often in FREQUENCIES},
        len(happened) > MOST,
    )


def _happened(session: Session, person_id: int) -> list[_Happened]:
    since = clock.now() - _WEEK
    apps, records = app_modes(session, person_id), record_modes(session, person_id)
    rows = session.execute(
        select(Event.kind, Notification.because, Event.app_id, Event.record_id, Event.created_at)
        .join_from(Notification, Event, Event.id == Notification.event_id)
        .where(
            Notification.person_id == person_id,
            Notification.skip.is_(None) | Notification.skip.not_in((OWN_ACTION, DISABLED)),
        )
        .order_by(Notification.id.desc())
        .limit(MOST + 1)
    )
    return [
        _Happened(kind, because, records.get(record_id or 0) or apps.get(app_id or 0), at)
        for kind, because, app_id, record_id, at in rows
        if at > since
    ]


class _Mails:
    """Counts; when a summary would have come is computed once a minute of the week."""

    def __init__(self, happened: list[_Happened]) -> None:
        self._happened = happened
        self._due: dict[tuple[str, datetime], datetime | None] = {}

    def of(self, choice: Choice) -> int:
        single, summaries = 0, set()
        for one in self._happened:
            if wants(choice, CATALOGUE[one.kind], one.because, one.mode) is not None:
                continue
            at_once = choice.mentions_at_once and one.because == MENTIONED
            due = None if at_once else self._summary(choice, one.at)
            if due is None:
                single += 1
            else:
                summaries.add(due)
        return single + len(summaries)

    def _summary(self, choice: Choice, at: datetime) -> datetime | None:
        known = (choice.frequency, at.replace(second=0, microsecond=0))
        if known not in self._due:
            due = next_summary(choice, known[1])
            self._due[known] = due and (quiet_until(choice, due) or due)
        return self._due[known]
