"""Times as people read them, by their own clock: relative where near, exact on hover."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup, escape

from sysmail.words import _, date, day_of_year, ngettext, zone


def relative(moment: datetime, now: datetime) -> str:
    """`5 minutes ago`, `today 10:02`, `yesterday 17:20`, `3 May 10:02`, `3 May 2024`.

    Both are aware; a day is one of the reader's time zone.
    """
    seconds = (moment - now).total_seconds()
    if abs(seconds) < 60:
        return _("just now") if seconds <= 0 else _("in a moment")
    if abs(seconds) < 3600:
        return _minutes(round(abs(seconds) / 60), ahead=seconds > 0)
    return _on_day(_here(moment), _here(now))


def exact(moment: datetime) -> str:
    """`3 May 2025, 10:02:33 UTC+02:00`."""
    here = _here(moment)
    away = f"{here:%z}"
    clock = f"{here:%H:%M:%S} UTC{away[:3]}:{away[3:5]}"
    return _("%(date)s, %(time)s", date=date(here), time=clock)


def day(moment: datetime) -> str:
    """`3 May 2025`."""
    return date(_here(moment))


def element(moment: datetime, now: datetime) -> Markup:
    """A <time> with all three: relative to read, exact on hover, ISO 8601 for machines."""
    return _element(moment, relative(moment, now))


def since(moment: datetime, now: datetime) -> Markup:
    """A <time> that says the hour however near it is: `today 10:02`."""
    return _element(moment, _on_day(_here(moment), _here(now)))


def _element(moment: datetime, words: str) -> Markup:
    attributes = f'datetime="{moment.isoformat()}" title="{escape(exact(moment))}"'
    return Markup(f"<time {attributes}>{escape(words)}</time>")  # noqa: S704  All is escaped.


def _here(moment: datetime) -> datetime:
    return moment.astimezone(zone.get())


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
        return _("%(date)s %(time)s", date=day_of_year(moment), time=clock)
    return date(moment)
