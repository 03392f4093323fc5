"""Times as people read them: relative where near, exact on hover."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from babel.dates import get_month_names
from markupsafe import Markup, escape

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
    here = moment.astimezone()
    zone = f"{here:%z}"
    return f"{_date(here)}, {here:%H:%M:%S} UTC{zone[:3]}:{zone[3:5]}"


def day(moment: datetime) -> str:
    """`3 May 2025`."""
    return _date(moment.astimezone())


def element(moment: datetime, now: datetime) -> Markup:
    """A <time> with all three: relative to read, exact on hover, ISO 8601 for machines."""
    return _element(moment, relative(moment, now))


def since(moment: datetime, now: datetime) -> Markup:
    """A <time> that says the hour however near it is: `today 10:02`."""
    return _element(moment, _on_day(moment.astimezone(), now.astimezone()))


def _element(moment: datetime, words: str) -> Markup:
    hover = escape(exact(moment))
    return Markup(f'<time datetime="{moment.isoformat()}" title="{hover}">{escape(words)}</time>')


def _minutes(count: int, *, ahead: bool) -> str:
    if ahead:
        return ngettext("in %(num)s minute", "in %(num)s minutes", count)
    return ngettext("%(num)s minute ago", "%(num)s minutes ago", count)


def _on_day(moment: datetime, now: datetime) -> str:
    clock = f"{moment:%H:%M}"
    distance = moment.date() - now.date()
    if distance == timedelta(0):
        return _("today %(time)s", time=clock)
    if distance == timedelta(days=-1):
        return _("yesterday %(time)s", time=clock)
    if distance == timedelta(days=1):
        return _("tomorrow %(time)s", time=clock)
    if moment.year == now.year:
        return f"{moment.day} {_month(language.get(), moment.month)} {clock}"
    return _date(moment)


def _date(moment: datetime) -> str:
    return f"{moment.day} {_month(language.get(), moment.month)} {moment.year}"


@lru_cache(maxsize=512)
def _month(code: str, number: int) -> str:
    """Babel's formats cost more than the rest of a line, and a page holds a hundred times."""
    return str(get_month_names("abbreviated", locale=code)[number])
