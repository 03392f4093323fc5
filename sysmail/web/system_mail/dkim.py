"""DKIM keys on the Notes page: made, put to use, and withdrawn."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from sysmail.account import (
    DkimKey,
    KeyState,
    current,
    make_keys,
    sender_domain,
    sign_external,
    start_signing,
    withdraw_key,
)
from sysmail.db import db
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.words import _

_WITHIN = 90


@blueprint.post("/system-mail/notes/keys")
@kit.fresh_administrator(_WITHIN)
def make_dkim_keys() -> ResponseReturnValue:
    """A new pair for the sender's domain; it signs nothing yet."""
    make_keys(db.session(), here.vault(), here.me().actor, _domain())
    db.session.commit()
    kit.flash(_("The keys are made. Publish their records, then start signing."), "success")
    return _back()


@blueprint.post("/system-mail/notes/keys/signing")
@kit.fresh_administrator(_WITHIN)
def start_dkim() -> ResponseReturnValue:
    """The pair made last signs from now on."""
    if start_signing(db.session(), here.me().actor, _domain()):
        db.session.commit()
        kit.flash(_("Mails are signed with these keys from now on."), "success")
    return _back()


@blueprint.post("/system-mail/notes/external-signing")
@kit.fresh_administrator(_WITHIN)
def sign_for_external() -> ResponseReturnValue:
    """`wanted` 1 or 0: whether mails of the external server are signed here."""
    sign_external(db.session(), here.me().actor, request.form.get("wanted") == "1")
    db.session.commit()
    return _back()


@blueprint.get("/system-mail/notes/keys/<int:key_id>/withdrawal")
@kit.fresh_administrator(_WITHIN)
def dkim_withdrawal(key_id: int) -> ResponseReturnValue:
    """Asks first."""
    return kit.render_page("system_mail/dkim_withdrawal.html", key=_found(key_id))


@blueprint.post("/system-mail/notes/keys/<int:key_id>/withdrawal")
@kit.fresh_administrator(_WITHIN)
def withdraw_dkim(key_id: int) -> ResponseReturnValue:
    key = _found(key_id)
    withdraw_key(db.session(), here.me().actor, key)
    db.session.commit()
    kit.flash(
        _("Withdrawn. Take the record at %(place)s out of the DNS.", place=key.place), "success"
    )
    return _back()


def _found(key_id: int) -> DkimKey:
    key: DkimKey | None = db.session.get(DkimKey, key_id)
    if key is None or key.state == KeyState.WITHDRAWN:
        abort(404)
    return key


def _domain() -> str:
    return sender_domain(current(db.session()), here.config()) or abort(404)


def _back() -> ResponseReturnValue:
    return kit.see_other("system_mail.notes", _anchor="keys")
