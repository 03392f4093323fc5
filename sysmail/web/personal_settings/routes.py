"""One page: what I want to be told by e-mail, and when."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.notifications import apply_choice, last_week
from sysmail.preferences import choice_of
from sysmail.web import here, kit
from sysmail.web.personal_settings.following import followed
from sysmail.web.personal_settings.forms import NotificationsForm, shown
from sysmail.web.personal_settings.saying import said
from sysmail.web.speech import speak_as_chosen

blueprint = Blueprint("personal_settings", __name__)


@blueprint.get("/settings/notifications")
@kit.signed_in
def notifications() -> ResponseReturnValue:
    me = here.me()
    return _page(shown(me, choice_of(db.session(), me.id)))


@blueprint.post("/settings/notifications")
@kit.signed_in
def choose_notifications() -> ResponseReturnValue:
    me, session = here.me(), db.session()
    form = NotificationsForm(me)
    if not form.validate():
        return _page(form, 422)
    choice = form.choice(choice_of(session, me.id))
    done = apply_choice(session, me, choice)
    session.commit()
    speak_as_chosen()
    kit.flash(said(choice, done), "success")
    return kit.see_other("personal_settings.notifications")


def _page(form: NotificationsForm, status: int = 200) -> ResponseReturnValue:
    session, me = db.session(), here.me()
    choice = choice_of(session, me.id)
    return kit.render_page(
        "personal_settings/notifications.html",
        status=status,
        form=form,
        choice=choice,
        week=last_week(session, me.id, choice),
        modes=followed(session, me),
    )
