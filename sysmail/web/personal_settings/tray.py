"""The next summary while it fills: look at it, strike things out, have it now."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from sysmail import clock, notifications
from sysmail.db import db
from sysmail.notifications import Section, Tray, tray_items
from sysmail.preferences import choice_of
from sysmail.web import here, kit, times
from sysmail.web.paging import keyset_page
from sysmail.words import _

blueprint = Blueprint("tray", __name__)


@blueprint.get("/settings/notifications/summary")
@kit.signed_in
def show() -> ResponseReturnValue:
    return _page(notifications.tray(db.session(), here.me().id))


@blueprint.post("/settings/notifications/summary/items/<int:item_id>/strike")
@kit.signed_in
def strike(item_id: int) -> ResponseReturnValue:
    if notifications.strike(db.session(), here.me().id, item_id):
        kit.flash(_("Struck out. Until the summary is sent you can put it back."), "success")
    else:
        kit.flash(_("That was not in the summary any more."), "warning")
    db.session.commit()
    return kit.see_other("tray.show")


@blueprint.post("/settings/notifications/summary/items/<int:item_id>/put-back")
@kit.signed_in
def put_back(item_id: int) -> ResponseReturnValue:
    if notifications.put_back(db.session(), here.me().id, item_id):
        kit.flash(_("Put back. The summary tells it."), "success")
    else:
        kit.flash(_("That cannot be put back: the summary was sent."), "warning")
    db.session.commit()
    return kit.see_other("tray.show")


@blueprint.post("/settings/notifications/summary/send")
@kit.signed_in
def send() -> ResponseReturnValue:
    at = notifications.send_now(db.session(), here.me().id)
    db.session.commit()
    if at is None:
        kit.flash(_("There is nothing in the summary to send."), "warning")
    elif at > clock.now():
        when = times.relative(at, clock.now())
        kit.flash(_("It comes when your quiet hours end: %(when)s.", when=when), "success")
    else:
        kit.flash(_("The summary is on its way."), "success")
    return kit.see_other("tray.show")


def _page(filling: Tray | None) -> ResponseReturnValue:
    me = here.me()
    statement = tray_items(me.id)
    page = keyset_page(db.session(), statement, [statement.selected_columns.id], request.args)
    return kit.render_page(
        "personal_settings/tray.html",
        "main",
        filling=filling,
        page=page,
        sections=_sections([(item.id, item.event_id) for item in page.items]),
        struck=_sections(notifications.struck_items(db.session(), me.id)),
        choice=choice_of(db.session(), me.id),
    )


def _sections(items: list[tuple[int, int]]) -> list[Section]:
    lines = notifications.lines_of(db.session(), [event_id for _id, event_id in items])
    found = [(id_, lines[event_id]) for id_, event_id in items if event_id in lines]
    zone = choice_of(db.session(), here.me().id).timezone
    return notifications.sections(found, "", zone)
