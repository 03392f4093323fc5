"""Quiet hours of many people at once, asked for each batch of mails."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, case, func, select, true
from sqlalchemy.orm import Session

from sysmail.people import Person
from sysmail.preferences.choice import DEFAULT, Choice
from sysmail.preferences.preference import Preference, PreferenceDefault
from sysmail.preferences.timing import quiet_until

_OWN, _DEFAULT = cast(Table, Preference.__table__).c, cast(Table, PreferenceDefault.__table__).c
# Who never chose when, has the default's hours.
_FROM, _UNTIL = (
    case((_OWN.frequency.is_(None), _DEFAULT[name]), else_=_OWN[name])
    for name in ("quiet_from", "quiet_until")
)
_ZONE = func.coalesce(_OWN.timezone, _DEFAULT.timezone, DEFAULT.timezone)
_QUIET = (
    select(Person.id, _FROM, _UNTIL, _ZONE)
    .outerjoin(Preference, Preference.person_id == Person.id)
    .outerjoin(PreferenceDefault, true())
    .where(Person.id.in_(bindparam("ids", expanding=True)), _FROM.is_not(None))
)
_Hours = tuple[str, str, str]


def held_until(session: Session, person_ids: Iterable[int], now: datetime) -> dict[int, datetime]:
    """Until when each of those whose quiet hours `now` lies in is left alone."""
    rows = session.connection().execute(_QUIET, {"ids": sorted(set(person_ids))})
    quiet = {person_id: (start, end, zone) for person_id, start, end, zone in rows}
    ends = {hours: _end(hours, now) for hours in set(quiet.values())}
    return {person_id: over for person_id, hours in quiet.items() if (over := ends[hours])}


def _end(hours: _Hours, now: datetime) -> datetime | None:
    start, end, zone = hours
    return quiet_until(Choice(quiet_from=start, quiet_until=end, timezone=zone), now)
