"""Quiet hours of many people at once, asked for each batch of mails."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from sysmail.preferences.choice import DEFAULT, Choice
from sysmail.preferences.preference import Preference, PreferenceDefault
from sysmail.preferences.timing import quiet_until

_COLUMNS = ("frequency", "quiet_from", "quiet_until", "timezone")
_OWN = select(Preference.person_id, *(getattr(Preference, name) for name in _COLUMNS)).where(
    Preference.person_id.in_(bindparam("ids", expanding=True))
)
_DEFAULTS = select(*(getattr(PreferenceDefault, name) for name in _COLUMNS))
_Quiet = tuple[str | None, str | None, str]


def held_until(session: Session, person_ids: Iterable[int], now: datetime) -> dict[int, datetime]:
    """Until when each of those whose quiet hours `now` lies in is left alone."""
    connection = session.connection()
    _, *hours = connection.execute(_DEFAULTS).one_or_none() or (None, None, None, None)
    start, end, zone = hours
    default = (start, end, zone or DEFAULT.timezone)
    ids = sorted(set(person_ids))
    quiet = dict.fromkeys(ids, default)
    for person_id, frequency, start, end, zone in connection.execute(_OWN, {"ids": ids}):
        own = default[:2] if frequency is None else (start, end)
        quiet[person_id] = (*own, zone or default[2])
    ends = {hours: _end(hours, now) for hours in set(quiet.values())}
    return {person_id: over for person_id in ids if (over := ends[quiet[person_id]]) is not None}


def _end(hours: _Quiet, now: datetime) -> datetime | None:
    start, end, zone = hours
    if start is None:
        return None
    return quiet_until(Choice(quiet_from=start, quiet_until=end, timezone=zone), now)
