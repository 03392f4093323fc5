"""One page: what I want to be told by e-mail."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.notifications import apply_choice
from sysmail.preferences import choice_of
from sysmail.web import here, kit
from sysmail.web.personal_settings.forms import NotificationsForm, shown
from sysmail.words import _

blueprint = Blueprint("personal_settings", __name__)


@blueprint.get("/settings/notifications")
@kit.signed_in
def notifications() -> ResponseReturnValue:
    me = here.me()
    return _page(shown(me, choice_of(db.session(), me.id)))


@blueprint.post("/settings/notifications")
@kit.signed_in
def choose_notifications() -> ResponseReturnValue:
    form = NotificationsForm(here.me())
    if not form.validate():
        return _page(form, 422)
    apply_choice(db.session(), here.me(), form.receive.data, form.bits, form.format.data)
    db.session.commit()
    kit.flash(_saved(silent=form.receive.data == "none" or not form.bits), "success")
    return kit.see_other("personal_settings.notifications")


def _page(form: NotificationsForm, status: int = 200) -> ResponseReturnValue:
    choice = choice_of(db.session(), here.me().id)
    return kit.render_page(
        "personal_settings/notifications.html", status=status, form=form, choice=choice
    )


def _saved(*, silent: bool) -> str:
    if silent:
        return _("Saved. You get no e-mail notifications; what was waiting for you is not sent.")
    return _("Saved. Your choice also holds for e-mail that is waiting to be sent.")
