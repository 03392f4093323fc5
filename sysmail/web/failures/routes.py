"""System Email Failure History: its front, its lists, and one delivery."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.db import db
from sysmail.outbox import Delivery, NotRetriable, Retried
from sysmail.people import Installation
from sysmail.web import here, kit
from sysmail.web.failures import export as csv
from sysmail.web.failures.blueprint import blueprint
from sysmail.web.failures.forms import SKIPPED, WAITING, FilterForm, filters_of, sent_on
from sysmail.web.failures.front import Incident, entries
from sysmail.web.failures.letter import letter
from sysmail.web.failures.lines import lines
from sysmail.web.failures.picture import picture
from sysmail.web.failures.rows import KINDS, Teller
from sysmail.web.failures.skipped import skipped
from sysmail.web.failures.sums import ledger_line
from sysmail.web.failures.waiting import waiting
from sysmail.web.paging import keyset_page
from sysmail.words import _


@blueprint.get("/failures")
@kit.administrator
def history() -> ResponseReturnValue:
    """Folded where nothing is asked for; filters and place are in the URL."""
    if request.args.get("state") == SKIPPED:
        return skipped()
    if request.args.get("state") == WAITING:
        return waiting()
    return _listed() if filters_of(request.args) else _front()


@blueprint.get("/failures.csv")
@kit.administrator
def export() -> ResponseReturnValue:
    """What is filtered, all of it."""
    rows = csv.lines(db.session(), here.config(), filters_of(request.args))
    name = f"system-email-failures-{clock.now():%Y-%m-%d}.csv"
    return Response(
        stream_with_context(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/failures/<int:delivery_id>")
@kit.administrator
def failure(delivery_id: int) -> ResponseReturnValue:
    """One delivery with all its tries; asked again by the page while it is under way."""
    return _render(delivery_id, "delivery")


@blueprint.get("/failures/<int:delivery_id>/letter")
@kit.administrator
def failure_letter(delivery_id: int) -> ResponseReturnValue:
    """The tries as plain text, to be copied for whoever runs the mail server."""
    session = db.session()
    delivery = _found(session, delivery_id)
    teller = Teller(session, here.config())
    tries = [teller.attempt(delivery, one) for one in outbox.attempts_of(session, delivery_id)]
    row = teller.row(delivery, tries[0].attempt if tries else None)
    return kit.render_page(
        "failures/letter.html", delivery=delivery, letter=letter(row, tries, KINDS)
    )


@blueprint.post("/failures/<int:delivery_id>/retry")
@kit.administrator
def retry(delivery_id: int) -> ResponseReturnValue:
    """Sends it again."""
    session = db.session()
    _found(session, delivery_id)
    done = outbox.retry_delivery(session, delivery_id, here.me().actor)
    if isinstance(done, NotRetriable):
        session.rollback()
        return _refused(delivery_id, done.reason)
    session.commit()
    kit.flash(_told(done), "success")
    return kit.see_other("failures.failure", delivery_id=delivery_id)


@blueprint.post("/failures/<int:delivery_id>/cancel")
@kit.administrator
def cancel(delivery_id: int) -> ResponseReturnValue:
    """Has a waiting delivery not sent."""
    session = db.session()
    _found(session, delivery_id)
    if not outbox.cancel_delivery(session, delivery_id, here.me().actor):
        session.rollback()
        return _refused(delivery_id, _("It does not wait any more, so it cannot be cancelled."))
    session.commit()
    kit.flash(_("It is cancelled: it is not sent."), "success")
    return kit.see_other("failures.failure", delivery_id=delivery_id)


def _front() -> Response:
    session = db.session()
    found = entries(session, here.config())
    return kit.render_page(
        "failures/history.html",
        "history",
        form=FilterForm(request.args),
        entries=[one if isinstance(one, Incident) else lines([one])[0] for one in found],
        quiet_since=None if found else _quiet_since(session),
        sum=ledger_line(session),
        picture=picture(session),
        running=outbox.running_resend(session),
        asked=sent_on(request.args),
        kept_days=outbox.kept_days(session),
    )


def _listed() -> Response:
    session = db.session()
    form, filters = FilterForm(request.args), filters_of(request.args)
    statement, keys = outbox.listed(filters)
    page = keyset_page(session, outbox.shown(statement), keys, request.args)
    teller = Teller(session, here.config())
    shown = lines(teller.rows(page.items))
    return kit.render_page(
        "failures/list.html",
        "history",
        form=form,
        page=page,
        lines=shown,
        has_ticks=any(line.retriable for line in shown),
        is_troubled=filters.is_troubled,
        cause_words=teller.happened_by(filters.cause) if filters.cause else "",
        asked=sent_on(request.args),
    )


def _render(delivery_id: int, *blocks: str, status: int = 200) -> Response:
    session = db.session()
    delivery = _found(session, delivery_id)
    teller = Teller(session, here.config())
    tries = [teller.attempt(delivery, a) for a in outbox.attempts_of(session, delivery_id)]
    refusal = outbox.refusal(delivery)
    return kit.render_page(
        "failures/failure.html",
        *blocks,
        status=status,
        row=teller.row(delivery, tries[0].attempt if tries else None),
        tries=tries,
        kinds=KINDS,
        refusal=refusal,
        is_cancellable=outbox.is_cancellable(delivery),
    )


def _refused(delivery_id: int, reason: str) -> Response:
    """The delivery's page with the reason; for htmx under that page's own address."""
    kit.flash(reason, "error")
    response = _render(delivery_id, status=409)
    response.headers["HX-Push-Url"] = url_for("failures.failure", delivery_id=delivery_id)
    return response


def _found(session: Session, delivery_id: int) -> Delivery:
    return session.get(Delivery, delivery_id) or abort(404)


def _told(done: Retried) -> str:
    if done.may_repeat:
        return _("It is sent again now. If the first copy did arrive, a second one comes.")
    return _("It is sent again now.")


def _quiet_since(session: Session) -> datetime | None:
    if found := outbox.quiet_since(session):
        return found
    installation = session.get(Installation, 1)
    return installation.created_at if installation else None
