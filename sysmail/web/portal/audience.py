"""Who was told of a record or comment: a line under each, and a page with everybody.

All who see the thing see the numbers, and what was decided for themselves. Administrators and
whoever wrote it also see who the others are; an author is not shown what these chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import abort, request
from flask.typing import ResponseReturnValue

from sysmail import portal
from sysmail.db import db
from sysmail.notifications import (
    GONE,
    MAILED,
    SUMMARY,
    WAYS,
    Notification,
    Tally,
    Told,
    because_of,
    everybody_told,
    tallies,
    told_of,
    told_to,
    why_not,
    why_not_you,
)
from sysmail.portal import Comment, Record
from sysmail.web import here, kit
from sysmail.web.paging import keyset_page
from sysmail.web.portal.blueprint import blueprint
from sysmail.web.portal.finding import record_or_404
from sysmail.words import _, ngettext

# A thing told to more people than this is shown on its own page only.
_MOST_LOOKED_AT = 50
_MOST_NAMED = 10
_RECORD = "/apps/<int:app_id>/records/<int:record_id>"


@dataclass(frozen=True)
class Named:
    """Somebody, why they hear of it, and how they were told or why not."""

    name: str
    because: str
    how: str


@dataclass(frozen=True)
class Group:
    """Those told in one of WAYS: how many, some of them, and how many more there are."""

    way: str
    count: int
    label: str
    named: Sequence[Named] = ()

    @property
    def more(self) -> int:
        return self.count - len(self.named)


@dataclass(frozen=True)
class Line:
    """What stands under a record or comment. `yours` is what was decided for the reader, who
    changes it in Personal Settings where `is_choice`; `is_open` to all the others' decisions."""

    tally: Tally
    groups: Sequence[Group]
    yours: str
    is_choice: bool
    is_open: bool
    has_names: bool


def audience_lines(record: Record, comments: Sequence[Comment]) -> dict[int | None, Line]:
    """By comment, and under None that of the record; three statements, however many there are."""
    session, me = db.session(), here.me()
    found = tallies(session, record.id, [comment.id for comment in comments])
    if not found:
        return {}
    things: dict[int | None, Record | Comment] = {None: record}
    things |= {comment.id: comment for comment in comments}
    open_ones = [t for t in found if portal.may_change(me, things[t.comment_id])]
    small = [tally.event_id for tally in open_ones if tally.people <= _MOST_LOOKED_AT]
    everybody = groupby(told_of(session, small) if small else [], lambda told: told.event_id)
    named = {event_id: list(people) for event_id, people in everybody}
    mine = told_to(session, me.id, [tally.event_id for tally in found])
    return {
        tally.comment_id: Line(
            tally,
            _groups(tally, named.get(tally.event_id, [])),
            _said_to_you(mine.get(tally.event_id)),
            is_choice=tally.event_id in mine and mine[tally.event_id].why != "own_action",
            is_open=tally in open_ones,
            has_names=tally.event_id in named,
        )
        for tally in found
    }


@blueprint.get(f"{_RECORD}/told")
@kit.signed_in
def told_of_record(app_id: int, record_id: int) -> ResponseReturnValue:
    _app, record = record_or_404(app_id, record_id)
    return _page(record, record, None)


@blueprint.get(f"{_RECORD}/comments/<int:comment_id>/told")
@kit.signed_in
def told_of_comment(app_id: int, record_id: int, comment_id: int) -> ResponseReturnValue:
    _app, record = record_or_404(app_id, record_id)
    comment = portal.find_comment(db.session(), record, comment_id) or abort(404)
    return _page(record, comment, comment_id)


def _page(record: Record, thing: Record | Comment, comment_id: int | None) -> ResponseReturnValue:
    if not portal.may_change(here.me(), thing):
        abort(404)
    found = tallies(db.session(), record.id, [] if comment_id is None else [comment_id])
    tally = next((one for one in found if one.comment_id == comment_id), None) or abort(404)
    way = request.args.get("way") if request.args.get("way") in WAYS else None
    everybody = everybody_told(tally.event_id, way)
    page = keyset_page(db.session(), everybody, [Notification.id], request.args)
    return kit.render_page(
        "portal/told.html",
        "told",
        record=record,
        comment_id=comment_id,
        tally=tally,
        groups=_groups(tally, []),
        way=way,
        page=page,
        people=[(row.person_id, named(Told(*row))) for row in page.items],
    )


def named(told: Told) -> Named:
    """How one person was told, as the reader may know it."""
    return Named(
        told.name or _("a deleted person"),
        because_of(told.because),
        _how(told, exactly=here.me().is_administrator),
    )


def _said_to_you(told: Told | None) -> str:
    """What was decided for the reader; empty where nothing was."""
    if told is None:
        return ""
    if told.state == GONE:
        return _("The mail ended long ago and is not kept any more.")
    if told.why is None:
        sent = told.state == "sent"
        return _("You were sent an e-mail.") if sent else _("You are sent an e-mail.")
    if told.why == SUMMARY:
        return _("It is in your summary.")
    return _("You were not sent an e-mail: %(why)s.", why=why_not_you(told.why))


def _how(told: Told, *, exactly: bool) -> str:
    if told.state == GONE:
        return _("The mail ended long ago and is not kept any more.")
    if told.why is None:
        return _("accepted by the mail server") if told.state == "sent" else _("on its way")
    if told.why == SUMMARY:
        return _("the summary was sent") if told.state == "sent" else _("waits for the summary")
    return why_not(told.why, exactly=exactly)


def _groups(tally: Tally, people: Sequence[Told]) -> list[Group]:
    """Those with nobody in them are left out, but for the mailed."""
    groups = []
    for way in WAYS:
        count = tally.count(way)
        if count or way == MAILED:
            some = [named(one) for one in people if one.way == way][:_MOST_NAMED]
            groups.append(Group(way, count, _label(way, count), some))
    return groups


def _label(way: str, count: int) -> str:
    if way == MAILED:
        return ngettext("Mailed %(num)s", "Mailed %(num)s", count)
    if way == SUMMARY:
        return ngettext("in summaries %(num)s", "in summaries %(num)s", count)
    return ngettext("not mailed %(num)s", "not mailed %(num)s", count)
