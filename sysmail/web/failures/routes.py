"""System Email Failure History: the pages and the retry."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from sysmail import outbox
from sysmail.db import db
from sysmail.diagnosis import explain
from sysmail.outbox import Delivery, NotRetriable, Retried
from sysmail.people import Installation
from sysmail.web import here, kit
from sysmail.web.failures.blueprint import blueprint
from sysmail.web.failures.forms import FilterForm
from sysmail.web.failures.letter import letter
from sysmail.web.failures.rows import KINDS, Teller
from sysmail.web.paging import keyset_page
from sysmail.words import _


@blueprint.get("/failures")
@kit.administrator
def history() -> ResponseReturnValue:
    """Newest trouble first; filters and place are in the URL."""
    session = db.session()
    form = FilterForm(request.args)
    filters = form.filters()
    keys = (Delivery.trouble_at, Delivery.id)
    page = keyset_page(session, outbox.troubled(filters), keys, request.args)
    return kit.render_page(
        "failures/history.html",
        "history",
        form=form,
        filtered=bool(filters),
        cause_words=explain(filters.cause).happened if filters.cause else "",
        page=page,
        rows=Teller(session, here.config()).rows(page.items),
        quiet_since=None if page.items or filters else _quiet_since(session),
        kinds=KINDS,
    )


@blueprint.get("/failures/<int:delivery_id>")
@kit.administrator
def failure(delivery_id: int) -> ResponseReturnValue:
    """One delivery with all its tries; asked again by the page while it is under way."""
    return _render(delivery_id, "delivery")


@blueprint.post("/failures/<int:delivery_id>/retry")
@kit.administrator
def retry(delivery_id: int) -> ResponseReturnValue:
    """Sends it again; from a row of the history it leads back to where one was."""
    session = db.session()
    _found(session, delivery_id)
    done = outbox.retry_delivery(session, delivery_id, here.me().actor)
    if isinstance(done, NotRetriable):
        session.rollback()
        kit.flash(done.reason, "error")
        return _refused(delivery_id)
    session.commit()
    kit.flash(_told(done), "success")
    if "from_history" in request.form:
        return kit.see_other("failures.history", **request.args.to_dict())
    return kit.see_other("failures.failure", delivery_id=delivery_id)


def _render(delivery_id: int, *blocks: str, status: int = 200) -> Response:
    session = db.session()
    delivery = _found(session, delivery_id)
    teller = Teller(session, here.config())
    tries = [teller.attempt(delivery, a) for a in outbox.attempts_of(session, delivery_id)]
    row = teller.row(delivery, tries[0].attempt if tries else None)
    return kit.render_page(
        "failures/failure.html",
        *blocks,
        status=status,
        row=row,
        tries=tries,
        kinds=KINDS,
        letter=letter(row, tries),
        refusal=outbox.refusal(delivery),
    )


def _refused(delivery_id: int) -> Response:
    """The delivery's page with the reason; for htmx under that page's own address."""
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
