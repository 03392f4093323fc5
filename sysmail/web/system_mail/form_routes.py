"""System Mail Account: the form, its two fragments, saving, and "Try now"."""

from __future__ import annotations

from flask import Response, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from sysmail.account import EXTERNAL, Saved, current, save, try_now
from sysmail.db import db
from sysmail.notifications import send_test, withdraw_tests
from sysmail.web import here, kit
from sysmail.web.signin import confirm_password
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.web.system_mail.fields import Fields
from sysmail.web.system_mail.forms import AccountForm, stored_form
from sysmail.web.system_mail.status import account_status, public_url_advice
from sysmail.web.throttle import Throttle
from sysmail.words import _

_OPENS_WITHIN = 30
_SAVES_WITHIN = 90
_COMES_BACK = "system_mail.comes_back"
_USUAL_PORTS = ("", "25", "465", "587")
_TESTS = Throttle("test_mails", "10 per minute; 60 per hour")


@blueprint.get("/system-mail")
@kit.administrator
def account() -> ResponseReturnValue:
    """The form as stored; `?test_address=` fills in the test address."""
    limit = _SAVES_WITHIN if cookie.pop(_COMES_BACK, False) else _OPENS_WITHIN
    return kit.fresh_administrator(limit)(_stored_page)()


@blueprint.post("/system-mail")
@kit.administrator
def save_account() -> ResponseReturnValue:
    """Stores, sends the test where an address is given, and leads to its outcome."""
    form, me, session = AccountForm(), here.me(), db.session()
    if not kit.signed_in_within(_SAVES_WITHIN) and not _gives_own_password(form):
        return _page(form, status=422)
    if form.test_address.data:
        _TESTS.count(str(me.id))
    settings = form.settings()
    saved = save(session, here.vault(), here.config(), me.actor, settings, form.version_seen())
    if not isinstance(saved, Saved):
        session.rollback()
        if "version" in saved:
            form.version.data = str(current(session).version)
        form.refuse(saved)
        return _page(form, status=422)
    delivery_id = _send_test(saved)
    session.commit()
    for hint in saved.hints:
        kit.flash(hint, "warning")
    if delivery_id:
        kit.flash(_("Saved."), "success")
        return kit.see_other("system_mail.test", delivery_id=delivery_id)
    kit.flash(_("Saved. No test e-mail was sent, since no address was given."), "success")
    return _back_to_form()


@blueprint.get("/system-mail/port")
@kit.fresh_administrator(_SAVES_WITHIN)
def port() -> ResponseReturnValue:
    """The port that goes with `encryption`; one typed by hand stays."""
    form = _chosen()
    given = request.args.get("smtp_port", "").strip()
    form.smtp_port.data = form.default_port if given in _USUAL_PORTS else given
    return _page(form, "port", "login_advice")


@blueprint.get("/system-mail/port/typed")
@kit.fresh_administrator(_SAVES_WITHIN)
def typed_port() -> ResponseReturnValue:
    """The port as just typed, with a word on whether it goes with the encryption."""
    return _page(_chosen(), "port", "login_advice")


@blueprint.get("/system-mail/auth")
@kit.fresh_administrator(_SAVES_WITHIN)
def auth() -> ResponseReturnValue:
    """The fields for a login, or none when `use_smtp_auth` is absent."""
    return _page(_chosen(), "auth", "login_advice")


@blueprint.post("/system-mail/trial")
@kit.administrator
def trial() -> ResponseReturnValue:
    """Try now: the next probe is due at once."""
    try_now(db.session(), here.me().actor)
    db.session.commit()
    kit.flash(
        _("It is being tried now. This page says what came of it when you reload it."), "info"
    )
    return kit.see_other("system_mail.account")


def _back_to_form() -> ResponseReturnValue:
    """What was open stays open: the POST had its own, longer limit."""
    cookie[_COMES_BACK] = True
    return kit.see_other("system_mail.account")


def _stored_page() -> ResponseReturnValue:
    form = stored_form(current(db.session()))
    form.test_address.data = request.args.get("test_address", "")
    return _page(form)


def _chosen() -> AccountForm:
    """The stored form with what the query chooses; choosing means an external server."""
    form = stored_form(current(db.session()))
    form.mail_server.data = EXTERNAL
    for name in ("encryption", "smtp_host", "smtp_port", "account_name"):
        if name in request.args:
            form[name].data = request.args[name]
    if request.endpoint == "system_mail.auth" or "smtp_host" in request.args:
        form.use_smtp_auth.data = "use_smtp_auth" in request.args
        form.allow_clear_login.data = "allow_clear_login" in request.args
    if form.encryption.data not in ("plain", "ssl", "starttls"):
        form.encryption.data = "starttls"
    return form


def _gives_own_password(form: AccountForm) -> bool:
    typed = form.own_password.data or ""
    if typed and confirm_password(here.me(), typed):
        return True
    wrong = _("This is not your password.") if typed else _("Your sign-in is some time ago.")
    form.refuse({"own_password": wrong})
    return False


def _page(form: AccountForm, *blocks: str, status: int = 200) -> Response:
    config = here.config()
    state = account_status(db.session(), config)
    return kit.render_page(
        "system_mail/account.html",
        *blocks,
        status=status,
        form=form,
        state=state,
        fields=Fields(form, state.account, here.vault()),
        installation=config,
        url_advice=public_url_advice(config),
    )


def _send_test(saved: Saved) -> int | None:
    """A save without a test address leaves no test of earlier settings under way."""
    session = db.session()
    if not saved.test_address:
        withdraw_tests(session)
        return None
    return send_test(session, here.vault(), saved.account.version, saved.test_address).id
