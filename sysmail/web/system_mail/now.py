"""What the pages of administrators ask while they are open: whether mail can still go."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from sysmail.web import kit
from sysmail.web.system_mail.banner import banner, is_told, mark_now
from sysmail.web.system_mail.blueprint import blueprint


@blueprint.get("/system-mail/now")
@kit.public
def now() -> ResponseReturnValue:
    """The banner, where it is another than the one `shown`; else nothing. Who has signed out
    meanwhile gets nothing either, since being led away would lose what stands typed in the page.
    """
    if not is_told() or request.args.get("shown") == mark_now():
        return "", 204
    return kit.render_page("system_mail/now.html", "trouble", now=banner(), is_silent=True)
