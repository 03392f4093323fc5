"""Retry of many: what would happen, the choice, and the progress."""

from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from sysmail import clock, outbox
from sysmail.db import db
from sysmail.outbox import MOST_CHOSEN, Resend, Which
from sysmail.web import here, kit
from sysmail.web.failures.blueprint import blueprint
from sysmail.web.failures.forms import OUTDATED_AFTER, ResendForm, filters_of, sent_on
from sysmail.words import _

_LONGEST_ID = 18


@blueprint.get("/failures/retry")
@kit.administrator
def resend_form() -> ResponseReturnValue:
    """Counts first: the deliveries ticked, or all that fit the filters."""
    return _ask(request.args)


@blueprint.post("/failures/retry")
@kit.administrator
def resend() -> ResponseReturnValue:
    """Has the worker do it, and leads to where that can be watched."""
    which, form = _which(request.form), ResendForm()
    form.offer(0, dict.fromkeys(OUTDATED_AFTER, 1))
    if not form.validate():
        return _ask(request.form, 422)
    session = db.session()
    asked = outbox.ask_resend(session, here.me().actor, which, form.drop_before(clock.now()))
    session.commit()
    return kit.see_other("failures.resending", resend_id=asked.id)


@blueprint.get("/failures/retries/<int:resend_id>")
@kit.administrator
def resending(resend_id: int) -> ResponseReturnValue:
    """How far it is; asked again by the page until it is over."""
    session = db.session()
    return kit.render_page(
        "failures/resending.html",
        "progress",
        asked=session.get(Resend, resend_id) or abort(404),
        has_worker=outbox.worker_alive(session),
    )


@blueprint.post("/failures/retries/<int:resend_id>/cancel")
@kit.administrator
def resend_cancel(resend_id: int) -> ResponseReturnValue:
    """Stops it where it is."""
    session = db.session()
    if outbox.cancel_resend(session, resend_id) is None:
        abort(404)
    session.commit()
    return kit.see_other("failures.resending", resend_id=resend_id)


def _ask(sent: MultiDict[str, str], status: int = 200) -> Response:
    which, now = _which(sent), clock.now()
    times = [now - age for age in OUTDATED_AFTER.values()]
    tally = outbox.tally(db.session(), which, times)
    form = ResendForm()
    form.offer(tally.retriable, dict(zip(OUTDATED_AFTER, tally.older, strict=True)))
    if form.outdated.data not in dict(form.outdated.choices):
        form.outdated.data = "keep"
    return kit.render_page(
        "failures/resend.html",
        status=status,
        form=form,
        tally=tally,
        chosen=which.chosen,
        asked=sent_on(sent),
    )


def _which(sent: MultiDict[str, str]) -> Which:
    """What was ticked; where nothing was, all that fits."""
    numbers = [one for one in sent.getlist("delivery") if one.isascii() and one.isdigit()]
    chosen = tuple(int(one) for one in numbers[:MOST_CHOSEN] if len(one) <= _LONGEST_ID)
    if "chosen" in sent and not chosen:
        kit.flash(_("Nothing is ticked: this is about all that match."), "info")
    return Which(filters_of(sent), chosen or None)
