"""Notes on Setting Up a System Email Address: a written page."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from sysmail.account import current, sender
from sysmail.db import db
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint


@blueprint.get("/system-mail/notes", endpoint="notes")
@kit.administrator
def notes() -> ResponseReturnValue:
    """The notes, with the address in use as their example."""
    address = sender(current(db.session()), here.config())
    return kit.render_page(
        "system_mail/notes.html",
        address=address,
        domain=address.rpartition("@")[2],
        installation=here.config(),
    )
