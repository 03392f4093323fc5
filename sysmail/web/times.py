"""Times as people read them: relative where near, exact on hover."""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_date, format_datetime, format_time

from sysmail.words import _, language, ngettext


def relative(moment: datetime, now: datetime) -> str:
    """`5 minutes ago`, `today 10:02`, `yesterday 17:20`, `3 May 10:02`, `3 May 2024`.

    Both are aware; a day is one of this machine's time zone.
    """
    seconds = (moment - now).total_seconds()
    if abs(seconds) < 60:
        return _("just now") if seconds <= 0 else _("in a moment")
    if abs(seconds) < 3600:
        return _minutes(round(abs(seconds) / 60), ahead=seconds > 0)
    return _on_day(moment.astimezone(), now.astimezone())


def exact(moment: datetime) -> str:
    """`3 May 2025, 10:02:33 UTC+02:00`."""
    pattern = "d MMM y, HH:mm:ss 'UTC'xxx"
    return str(format_datetime(moment.astimezone(), pattern, locale=language.get()))


def day(moment: datetime) -> str:
    """`3 May 2025`."""
    return str(format_date(moment.astimezone().date(), "d MMM y", locale=language.get()))


def _minutes(count: int, *, ahead: bool) -> str:
    if ahead:
        return ngettext("in %(num)s minute", "in %(num)s minutes", count)
    return ngettext("%(num)s minute ago", "%(num)s minutes ago", count)


def _on_day(moment: datetime, now: datetime) -> str:
    clock = format_time(moment, "HH:mm", locale=language.get())
    distance = moment.date() - now.date()
    if distance == timedelta(0):
        return _("today %(time)s", time=clock)
    if distance == timedelta(days=-1):
        return _("yesterday %(time)s", time=clock)
    if distance == timedelta(days=1):
        return _("tomorrow %(time)s", time=clock)
    if moment.year == now.year:
        return f"{format_date(moment, 'd MMM', locale=language.get())} {clock}"
    return day(moment)
