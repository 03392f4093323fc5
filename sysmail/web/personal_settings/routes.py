"""One page: what I want to be told by e-mail, and when."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.notifications import apply_choice, last_week
from sysmail.preferences import choice_of
from sysmail.web import here, kit
from sysmail.web.personal_settings.following import (
    APPS,
    MOST,
    RECORDS,
    Place,
    chosen,
    form_for,
    form_shown,
    places,
    unlisted,
)
from sysmail.web.personal_settings.forms import NotificationsForm
from sysmail.web.personal_settings.saying import said
from sysmail.web.speech import speak_as_chosen

blueprint = Blueprint("personal_settings", __name__)


@blueprint.get("/settings/notifications")
@kit.signed_in
def notifications() -> ResponseReturnValue:
    me, session = here.me(), db.session()
    offered = places(session, me)
    return _page(form_shown(me, choice_of(session, me.id), offered), offered)


@blueprint.post("/settings/notifications")
@kit.signed_in
def choose_notifications() -> ResponseReturnValue:
    me, session = here.me(), db.session()
    offered = places(session, me, request.form)
    form = form_for(me, offered)
    if not form.validate():
        return _page(form, offered, 422)
    choice = form.choice(choice_of(session, me.id))
    apps, records = (chosen(form, offered, sort) for sort in (APPS, RECORDS))
    done = apply_choice(session, me, choice, apps, records)
    session.commit()
    speak_as_chosen()
    kit.flash(said(choice, done), "success")
    return kit.see_other("personal_settings.notifications")


def _page(form: NotificationsForm, offered: list[Place], status: int = 200) -> ResponseReturnValue:
    session, me = db.session(), here.me()
    choice = choice_of(session, me.id)
    return kit.render_page(
        "personal_settings/notifications.html",
        status=status,
        form=form,
        choice=choice,
        week=last_week(session, me.id, choice),
        apps=[form[place.field] for place in offered if place.sort == APPS],
        records=[form[place.field] for place in offered if place.sort == RECORDS],
        most=MOST,
        unlisted=unlisted(session, me, offered),
    )
