"""Many things that happened, by app and record, the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from babel.dates import format_datetime

from sysmail import audit
from sysmail.events import AUDIT_LOG_ADDED, RECORD_ADDED
from sysmail.notifications.items import Line
from sysmail.notifications.letters import preview, shorten
from sysmail.preferences import zone_of
from sysmail.words import _, language

_ENTRY = 200


@dataclass(frozen=True)
class Told:
    """One thing that happened; `id` is whatever the lines were given with. `did` is a sentence;
    `text` the beginning of what was written; `when` reads `22 Nov, 16:44` on the person's clock.
    """

    id: int
    did: str
    text: str
    url: str
    at: datetime
    when: str


@dataclass(frozen=True)
class Thing:
    """A record, or the entries of the audit log: these have no title."""

    title: str
    url: str
    told: list[Told] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """An app, or the audit log."""

    name: str
    url: str
    things: list[Thing] = field(default_factory=list)

    @property
    def short(self) -> str:
        return shorten(self.name)


def sections(lines: Iterable[tuple[int, Line]], link_base: str, zone: str) -> list[Section]:
    """The lines, given newest first, under what they are about; `zone` is an IANA name."""
    found: dict[int | None, Section] = {}
    things: dict[tuple[int | None, int | None], Thing] = {}
    for id_, line in lines:
        place, what = line.app_id, (line.app_id, line.record_id)
        if place not in found:
            found[place] = _section(line, link_base)
        if what not in things:
            things[what] = Thing(line.title, _record_url(line, link_base))
            found[place].things.append(things[what])
        things[what].told.append(_told(id_, line, link_base, zone))
    return list(found.values())


def _section(line: Line, link_base: str) -> Section:
    if line.kind == AUDIT_LOG_ADDED.name:
        return Section(_("Audit log"), f"{link_base}/admin/audit-log")
    return Section(line.app, f"{link_base}/apps/{line.app_id}")


def _record_url(line: Line, link_base: str) -> str:
    if line.kind == AUDIT_LOG_ADDED.name:
        return f"{link_base}/admin/audit-log"
    return f"{link_base}/apps/{line.app_id}/records/{line.record_id}"


def _told(id_: int, line: Line, link_base: str, zone: str) -> Told:
    url = _record_url(line, link_base)
    if line.comment_id is not None:
        url = f"{url}#comment-{line.comment_id}"
    minute = line.at.replace(second=0, microsecond=0)
    when = _moment(minute, zone, language.get())
    return Told(id_, _did(line), preview(line.text), url, line.at, when)


def _did(line: Line) -> str:
    name = audit.known_as(line.actor)
    if line.kind == AUDIT_LOG_ADDED.name:
        what = shorten(audit.describe(line.action, line.details), _ENTRY)
        return _("%(name)s: %(what)s", name=name, what=what)
    if line.kind == RECORD_ADDED.name:
        return _("%(name)s added this record", name=name)
    return _("%(name)s commented", name=name)


@lru_cache(maxsize=4096)
def _moment(at: datetime, zone: str, tongue: str) -> str:
    """The pattern is CLDR's (Unicode TR 35), and each language has its own."""
    pattern = _("d MMM, HH:mm")
    return format_datetime(at, pattern, tzinfo=zone_of(zone), locale=tongue)
