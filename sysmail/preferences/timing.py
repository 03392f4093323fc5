"""When a choice lets mail go: summaries fall due by the person's own clock, quiet hours hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sysmail.preferences.choice import Choice

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def next_summary(choice: Choice, now: datetime) -> datetime | None:
    """When the summary that fills now is due, in UTC and after `now`; None where mail goes at once.

    Hourly: the next full hour on the person's clock. Daily: the next chosen weekday at
    `daily_at`; a time that the clock skips comes as much later as it skips, one that it shows
    twice counts the first time.
    """
    if choice.frequency == "hourly":
        return _next_full_hour(zone_of(choice.timezone), now)
    if choice.frequency == "daily":
        return _next_day(choice, now)
    return None


def quiet_until(choice: Choice, now: datetime) -> datetime | None:
    """The end, in UTC, of the quiet hours that `now` lies in; None outside of them."""
    if choice.quiet_from is None or choice.quiet_until is None:
        return None
    zone = zone_of(choice.timezone)
    start, end = _time(choice.quiet_from), _time(choice.quiet_until)
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        over = _at(day if start < end else day + _DAY, end, zone)
        if _at(day, start, zone) <= now < over:
            return over
    return None


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC for one that this machine does not know (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _next_full_hour(zone: ZoneInfo, now: datetime) -> datetime:
    """Twice where the clock is moved by half an hour in between."""
    due = _end_of_hour(zone, now)
    return due if due.astimezone(zone).minute == 0 else _end_of_hour(zone, due)


def _end_of_hour(zone: ZoneInfo, now: datetime) -> datetime:
    local = now.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return now.astimezone(UTC) - into + _HOUR


def _next_day(choice: Choice, now: datetime) -> datetime | None:
    """Eight days hold every weekday, and today's again when its time is over."""
    zone, moment = zone_of(choice.timezone), _time(choice.daily_at)
    today = now.astimezone(zone).date()
    days = (today + n * _DAY for n in range(8))
    due = (_at(day, moment, zone) for day in days if choice.weekdays >> day.weekday() & 1)
    return next((at for at in due if at > now), None)


def _at(day: date, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, zone).astimezone(UTC)


@lru_cache(maxsize=1440)
def _time(text: str) -> time:
    return time.fromisoformat(text)
