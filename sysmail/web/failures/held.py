"""Held e-mail: what a restore brought back, to be released or dropped by an administrator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import outbox
from sysmail.db import db
from sysmail.events import Event
from sysmail.outbox import Delivery
from sysmail.web import here, kit
from sysmail.web.failures.blueprint import blueprint
from sysmail.web.failures.rows import KINDS
from sysmail.web.paging import keyset_page
from sysmail.words import _, ngettext


@blueprint.get("/held")
@kit.administrator
def held() -> ResponseReturnValue:
    session = db.session()
    page = keyset_page(session, outbox.held(), [Delivery.id], request.args)
    return kit.render_page(
        "failures/held.html",
        "held",
        page=page,
        count=outbox.held_count(session),
        doubtful=outbox.held_in_doubt(session),
        subjects=_subjects(session, page.items),
        kinds=KINDS,
    )


@blueprint.get("/held/release")
@kit.administrator
def held_release() -> ResponseReturnValue:
    """Asks first, and says how many."""
    return _ask("release")


@blueprint.post("/held/release")
@kit.administrator
def release() -> ResponseReturnValue:
    count = outbox.release(db.session(), here.me().actor, _one(request.form))
    db.session.commit()
    told = ngettext("%(num)s e-mail is released.", "%(num)s e-mails are released.", count)
    return _done(count, told)


@blueprint.get("/held/drop")
@kit.administrator
def held_drop() -> ResponseReturnValue:
    """Asks first, and says how many."""
    return _ask("drop")


@blueprint.post("/held/drop")
@kit.administrator
def drop() -> ResponseReturnValue:
    count = outbox.drop(db.session(), here.me().actor, _one(request.form))
    db.session.commit()
    told = ngettext("%(num)s e-mail is dropped.", "%(num)s e-mails are dropped.", count)
    return _done(count, told)


def banner() -> Mapping[str, Any]:
    """`held_state` for the frame; None where nothing is held or nobody is to be told."""
    person = current_user
    if not person or not person.is_authenticated or not person.is_administrator:
        return {"held_state": None}
    if not outbox.any_held(db.session()):
        return {"held_state": None}
    words = _("A backup was restored. Nothing of what was unsent in it goes until you decide.")
    action = {"label": _("Decide"), "url": url_for("failures.held"), "method": "get"}
    title = _("E-mail is held.")
    return {"held_state": {"title": title, "text": words, "action": action, "kind": "warn"}}


def _ask(verb: str) -> ResponseReturnValue:
    session, one = db.session(), _one(request.args)
    count = outbox.held_count(session, one)
    if not count:
        return _done(0, "")
    return kit.render_page(
        "failures/held_decision.html",
        verb=verb,
        count=count,
        doubtful=outbox.held_in_doubt(session, one),
        delivery=session.get(Delivery, one) if one is not None else None,
    )


def _done(count: int, told: str) -> ResponseReturnValue:
    if count:
        kit.flash(told, "success")
    else:
        kit.flash(_("It is not held any more: somebody has decided already."), "info")
    return kit.see_other("failures.held")


def _one(sent: Mapping[str, str]) -> int | None:
    """The one delivery meant; None when all are."""
    number = sent.get("delivery", "")
    if not number:
        return None
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else abort(404)


def _subjects(session: Session, deliveries: Sequence[Delivery]) -> dict[int, str]:
    """What the mails of a page are about, by event: a record's title, where there is one."""
    ids = {delivery.event_id for delivery in deliveries if delivery.event_id}
    found = session.execute(select(Event.id, Event.snapshot).where(Event.id.in_(ids)))
    return {id_: str(snapshot.get("title", "")) for id_, snapshot in found}
