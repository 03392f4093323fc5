"""GET shows a button, for mail scanners visit it too; POST notes that the mail arrived."""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.outbox import Delivery, arrived_at, note_arrival, read_arrival
from sysmail.people import link_key
from sysmail.vault import CannotOpen
from sysmail.web import here, kit

blueprint = Blueprint("arrival", __name__)


@blueprint.get("/received/<token>")
@kit.public
def show(token: str) -> ResponseReturnValue:
    return _page(token, _test_mail(token))


@blueprint.post("/received/<token>")
@kit.public
def act(token: str) -> ResponseReturnValue:
    """No cookie is needed: the token proves that one holds the mail."""
    delivery = _test_mail(token)
    note_arrival(db.session(), delivery)
    db.session.commit()
    return _page(token, delivery)


kit.csrf.exempt(act)


def _test_mail(token: str) -> Delivery:
    try:
        found = read_arrival(db.session(), link_key(db.session(), here.vault()), token)
    except CannotOpen:
        found = None
    return found or abort(404)


def _page(token: str, delivery: Delivery) -> ResponseReturnValue:
    at = arrived_at(db.session(), delivery.id)
    return kit.render_page("arrival/show.html", token=token, arrived_at=at)
