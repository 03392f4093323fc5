"""The one-time set-up page."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_security import login_user

from sysmail.db import db
from sysmail.people import Refused, has_administrator, is_setup_token, set_up
from sysmail.web import here, kit
from sysmail.web.signin import limits
from sysmail.web.signin.forms import SetUp
from sysmail.web.signin.passwords import hashed

blueprint = Blueprint("signin", __name__)


@blueprint.get("/setup")
@kit.public
def setup() -> ResponseReturnValue:
    if refusal := _refusal():
        return refusal
    return _page(SetUp())


@blueprint.post("/setup")
@kit.public
def set_up_now() -> ResponseReturnValue:
    if refusal := _refusal():
        return refusal
    form = SetUp()
    if not form.validate():
        return _page(form, 422)
    outcome = set_up(
        db.session(),
        here.config(),
        form.email.data or "",
        form.name.data or "",
        hashed(form.password.data),
    )
    if outcome is None:
        return _done_already()
    if isinstance(outcome, Refused):
        form[outcome.field].errors = [outcome.message]
        return _page(form, 422)
    db.session.commit()
    login_user(outcome, authn_via=["setup"])
    return kit.see_other("system_mail.account", test_address=outcome.email)


def _refusal() -> ResponseReturnValue | None:
    limits.count_set_up()
    if has_administrator(db.session()):
        return _done_already()
    if not is_setup_token(here.config(), request.args.get("token", "")):
        return kit.render_page("signin/wrong_token.html", status=403)
    return None


def _done_already() -> ResponseReturnValue:
    return kit.render_page("signin/set_up_already.html", status=404)


def _page(form: SetUp, status: int = 200) -> ResponseReturnValue:
    token = request.args["token"]
    return kit.render_page("signin/setup.html", status=status, form=form, token=token)
