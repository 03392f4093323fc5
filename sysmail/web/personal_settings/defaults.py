"""What holds for those who never chose, as administrators set it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.notifications import apply_default
from sysmail.preferences import default_choice, undecided
from sysmail.web import here, kit
from sysmail.web.personal_settings.forms import NotificationsForm, shown
from sysmail.web.personal_settings.routes import blueprint
from sysmail.web.personal_settings.saying import said_of_default
from sysmail.web.speech import speak_as_chosen
from sysmail.words import ngettext


@blueprint.get("/admin/notification-defaults")
@kit.administrator
def defaults() -> ResponseReturnValue:
    return _page(shown(None, default_choice(db.session())))


@blueprint.post("/admin/notification-defaults")
@kit.administrator
def set_defaults() -> ResponseReturnValue:
    session, form = db.session(), NotificationsForm(None)
    if not form.validate():
        return _page(form, 422)
    moved = apply_default(session, here.me().actor, form.choice(default_choice(session)))
    session.commit()
    speak_as_chosen()
    kit.flash(said_of_default(moved), "success")
    return kit.see_other("personal_settings.defaults")


def _page(form: NotificationsForm, status: int = 200) -> ResponseReturnValue:
    count = undecided(db.session())
    reach = ngettext(
        "This holds for %(num)s person who has not chosen yet, and for whoever is added.",
        "This holds for %(num)s people who have not chosen yet, and for whoever is added.",
        count,
    )
    return kit.render_page("personal_settings/defaults.html", status=status, form=form, reach=reach)
