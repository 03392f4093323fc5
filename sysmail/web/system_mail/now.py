"""What the pages of administrators ask while they are open: whether mail can still go."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.web import here, kit
from sysmail.web.system_mail.banner import banner, is_told, mark_now
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.web.system_mail.status import shown_status


@blueprint.get("/system-mail/now")
@kit.public
def now() -> ResponseReturnValue:
    """The banner, where it is another than the one `shown`; else nothing. Who has signed out
    meanwhile gets nothing either, since being led away would lose what stands typed in the page.
    """
    if not is_told() or request.args.get("shown") == mark_now():
        return "", 204
    return kit.render_page("system_mail/now.html", "trouble", now=banner(), is_silent=True)


@blueprint.get("/system-mail/state")
@kit.public
def state() -> ResponseReturnValue:
    """The same for the card on the account's own page, which shows more and follows the clock."""
    if not is_told():
        return "", 204
    status = shown_status(db.session(), here.config())
    if request.args.get("shown") == status.mark:
        return "", 204
    return kit.render_page(
        "system_mail/now.html", "state", now=banner(), state=status, is_silent=True
    )
