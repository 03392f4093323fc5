"""Captured mail: what the capturing built-in server kept, to be read here."""

from __future__ import annotations

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from sysmail.account import captured_folder
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.web.system_mail.mailbox import Captured, newest, raw, read

_PAGE = 50


@blueprint.get("/captured", endpoint="captured")
@kit.administrator
def captured() -> ResponseReturnValue:
    """Newest first; `?before=` goes on with older ones."""
    before = request.args.get("before", type=int)
    mails, older = newest(captured_folder(here.config()), before, _PAGE)
    return kit.render_page(
        "system_mail/captured.html",
        mails=mails,
        older=older,
        is_first=before is None,
        is_capturing=here.config().builtin == "capture",
    )


@blueprint.get("/captured/<int:number>")
@kit.administrator
def captured_mail(number: int) -> ResponseReturnValue:
    """One mail; its HTML body stands in a frame of its own."""
    return kit.framing(kit.render_page("system_mail/captured_mail.html", mail=_found(number)))


@blueprint.get("/captured/<int:number>/body")
@kit.administrator
def captured_body(number: int) -> ResponseReturnValue:
    """The HTML body alone, under its own policy."""
    return kit.mail_body(_found(number).html or abort(404))


@blueprint.get("/captured/<int:number>/raw")
@kit.administrator
def captured_raw(number: int) -> ResponseReturnValue:
    """The message as it would have gone over the wire."""
    data = raw(captured_folder(here.config()), number)
    return Response(data, mimetype="text/plain") if data is not None else abort(404)


def _found(number: int) -> Captured:
    return read(captured_folder(here.config()), number) or abort(404)
