"""What is stored about oneself, to take along; and an address that refuses mail."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.leaving import take_out
from sysmail.notifications import try_address_again
from sysmail.people import Person
from sysmail.web import here, kit
from sysmail.web.personal_settings.routes import blueprint
from sysmail.words import _


@blueprint.get("/settings/data")
@kit.signed_in
def own_data() -> Response:
    """One JSON file; it is written while it is read, however long the history is."""
    pieces = _pieces(db.engine, here.me().id)
    headers = {"Content-Disposition": 'attachment; filename="sysmail-about-me.json"'}
    return Response(pieces, mimetype="application/json", headers=headers)


def _pieces(engine: Engine, person_id: int) -> Iterator[str]:
    """In a session of its own: that of the request is over before the last piece is asked for."""
    with Session(engine) as session:
        yield from take_out(session, session.get_one(Person, person_id))


@blueprint.post("/settings/address/again")
@kit.signed_in
def address_again() -> ResponseReturnValue:
    me = here.me()
    try_address_again(db.session(), me, me.actor)
    db.session.commit()
    kit.flash(_("Mail goes to %(email)s again.", email=me.email), "success")
    return kit.see_other("personal_settings.notifications")
