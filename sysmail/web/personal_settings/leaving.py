"""What is stored about oneself, to take along; and an address that refuses mail."""

from __future__ import annotations

from flask import Response, stream_with_context
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.leaving import take_out
from sysmail.notifications import try_address_again
from sysmail.web import here, kit
from sysmail.web.personal_settings.routes import blueprint
from sysmail.words import _


@blueprint.get("/settings/data")
@kit.signed_in
def own_data() -> Response:
    """One JSON file; it is written while it is read, however long the history is."""
    pieces = stream_with_context(take_out(db.session(), here.me()))
    headers = {"Content-Disposition": 'attachment; filename="sysmail-about-me.json"'}
    return Response(pieces, mimetype="application/json", headers=headers)


@blueprint.post("/settings/address/again")
@kit.signed_in
def address_again() -> ResponseReturnValue:
    me = here.me()
    try_address_again(db.session(), me, me.actor)
    db.session.commit()
    kit.flash(_("Mail goes to %(email)s again.", email=me.email), "success")
    return kit.see_other("personal_settings.notifications")
