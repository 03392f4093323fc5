"""How long the history is kept."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from sysmail import outbox
from sysmail.db import db
from sysmail.web import here, kit
from sysmail.web.failures.blueprint import blueprint
from sysmail.web.failures.forms import RetentionForm
from sysmail.words import ngettext


@blueprint.get("/failures/kept")
@kit.administrator
def kept() -> ResponseReturnValue:
    form = RetentionForm(days=outbox.kept_days(db.session()))
    return _render(form)


@blueprint.post("/failures/kept")
@kit.administrator
def keep() -> ResponseReturnValue:
    form = RetentionForm()
    if not form.validate():
        return _render(form, 422)
    outbox.keep_for(db.session(), form.days.data, here.me().actor)
    db.session.commit()
    kit.flash(
        ngettext(
            "The history is kept for %(num)s day from now on.",
            "The history is kept for %(num)s days from now on.",
            form.days.data,
        ),
        "success",
    )
    return kit.see_other("failures.history")


def _render(form: RetentionForm, status: int = 200) -> Response:
    return kit.render_page("failures/kept.html", status=status, form=form)
