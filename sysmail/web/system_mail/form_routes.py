"""System Mail Account: the form, its two fragments, saving, and "Try now"."""

from __future__ import annotations

from flask import request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from sysmail.account import (
    Saved,
    current,
    needs_consent,
    prepare_authorization,
    save,
    try_now,
)
from sysmail.db import db
from sysmail.notifications import send_test, withdraw_tests
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.web.system_mail.forms import AccountForm, stored_form
from sysmail.web.system_mail.page import account_page, chosen_form
from sysmail.web.system_mail.typed import OPENS_WITHIN, SAVES_WITHIN, may_change, refuse, typed
from sysmail.web.throttle import Throttle
from sysmail.words import _

_COMES_BACK = "system_mail.comes_back"
_USUAL_PORTS = ("", "25", "465", "587")
_TESTS = Throttle("test_mails", "10 per minute; 60 per hour")


@blueprint.get("/system-mail")
@kit.administrator
def account() -> ResponseReturnValue:
    """The form as stored; `?test_address=` fills in the test address."""
    limit = SAVES_WITHIN if cookie.pop(_COMES_BACK, False) else OPENS_WITHIN
    return kit.fresh_administrator(limit)(_stored_page)()


@blueprint.post("/system-mail")
@kit.administrator
def save_account() -> ResponseReturnValue:
    """Stores, sends the test where an address is given, and leads to its outcome."""
    form, me, session = AccountForm(), here.me(), db.session()
    if not may_change(form):
        return account_page(form, status=422)
    if form.test_address.data:
        _TESTS.count(str(me.id))
    settings = typed(form)
    saved = save(session, here.vault(), here.config(), me.actor, settings, form.version_seen())
    if not isinstance(saved, Saved):
        session.rollback()
        if "version" in saved:
            form.version.data = str(current(session).version)
        refuse(form, saved)
        return account_page(form, status=422)
    if needs_consent(saved.account, here.vault()):
        return _lead_to_consent()
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
@kit.fresh_administrator(SAVES_WITHIN)
def port() -> ResponseReturnValue:
    """The port that goes with `encryption`; one typed by hand stays."""
    form = chosen_form()
    given = request.args.get("smtp_port", "").strip()
    form.smtp_port.data = form.default_port if given in _USUAL_PORTS else given
    return account_page(form, "port", "login_advice")


@blueprint.get("/system-mail/port/typed")
@kit.fresh_administrator(SAVES_WITHIN)
def typed_port() -> ResponseReturnValue:
    """The port as just typed, with a word on whether it goes with the encryption."""
    return account_page(chosen_form(), "port", "login_advice")


@blueprint.get("/system-mail/auth")
@kit.fresh_administrator(SAVES_WITHIN)
def auth() -> ResponseReturnValue:
    """The fields for a login, or none when `use_smtp_auth` is absent."""
    return account_page(chosen_form(), "auth", "login_advice")


@blueprint.post("/system-mail/auth")
@kit.administrator
def show_fields() -> ResponseReturnValue:
    """The form as typed with the fields that go with its choices, for those without JavaScript;
    nothing is saved."""
    form = chosen_form()
    return account_page(form, status=200 if may_change(form) else 422)


@blueprint.post("/system-mail/trial")
@kit.administrator
def trial() -> ResponseReturnValue:
    """Try now: the next probe is due at once."""
    prepare_authorization(db.session())
    try_now(db.session(), here.me().actor)
    db.session.commit()
    kit.flash(
        _("It is being tried now. This page says what came of it when you reload it."), "info"
    )
    return kit.see_other("system_mail.account")


def _lead_to_consent() -> ResponseReturnValue:
    """Without it nothing can be sent, no test either."""
    withdraw_tests(db.session())
    db.session.commit()
    kit.flash(_("Saved. One step is left before anything can be sent: a consent."), "success")
    return kit.see_other("system_mail.consent")


def _back_to_form() -> ResponseReturnValue:
    """What was open stays open: the POST had its own, longer limit."""
    cookie[_COMES_BACK] = True
    return kit.see_other("system_mail.account")


def _stored_page() -> ResponseReturnValue:
    account = current(db.session())  # While it is held, the page's other parts need not ask again.
    form = stored_form(account)
    form.test_address.data = request.args.get("test_address", "")
    return account_page(form)


def _send_test(saved: Saved) -> int | None:
    """A save without a test address leaves no test of earlier settings under way."""
    session = db.session()
    if not saved.test_address:
        withdraw_tests(session)
        return None
    return send_test(session, here.vault(), saved.account.version, saved.test_address).id
