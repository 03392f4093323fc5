"""The page of System Mail Account, for every route that shows its form."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from sysmail.account import EXTERNAL, Settings, current, providers
from sysmail.db import db
from sysmail.diagnosis import CHECK, errand_of
from sysmail.jobs import find
from sysmail.web import here, kit
from sysmail.web.system_mail.check_view import Check
from sysmail.web.system_mail.concerns import told_concerns
from sysmail.web.system_mail.fields import Fields
from sysmail.web.system_mail.forms import AccountForm, stored_form, typed_form, whole
from sysmail.web.system_mail.login_forms import CHOSEN
from sysmail.web.system_mail.login_view import LoginView
from sysmail.web.system_mail.status import Status, public_url_advice, shown_status
from sysmail.web.system_mail.suggestion import shown_provider, suggestion_for
from sysmail.web.system_mail.typed import typed

ACCOUNT = "system_mail/account.html"


def account_page(
    form: AccountForm, *blocks: str, status: int = 200, template: str = ACCOUNT, **more: Any
) -> Response:
    """The whole page, or for htmx only the named blocks of it. `template` is the account's or
    extends it; `more` adds to the context."""
    config = here.config()
    state, known = shown_status(db.session(), config), typed(form)
    context = {
        "form": form,
        "state": state,
        "fields": Fields(form, state.account, here.vault(), _knows(form, known, "password")),
        "login": LoginView(
            form, state.account, here.vault(), config, _knows(form, known, "client_secret")
        ),
        "installation": config,
        "name_refused": _name_refused(state, more.get("check")),
        "url_advice": public_url_advice(config),
        "suggestion": suggestion_for(form),
        "provider": shown_provider(form),
        "known_providers": providers(),
        "concerns": told_concerns(db.session()),
    }
    return kit.render_page(template, *blocks, status=status, **(context | more))


def _name_refused(state: Status, check: Check | None) -> bool:
    """Whether the trouble of the account, or of the check shown, is the name of the greeting."""
    told = check.explanation if check else state.explanation
    return told is not None and told.like == "helo_rejected"


def _knows(form: AccountForm, known: Settings, secret: str) -> bool:
    """Whether a blank one stands for that typed for the form's check."""
    return not form[secret].data and bool(getattr(known, secret))


def _checked_form() -> AccountForm | None:
    check = whole(request.args.get("check"))
    job = find(db.session(), check, CHECK, here.me().id) if check else None
    errand = errand_of(here.vault(), job) if job else None
    return typed_form(errand.settings, errand.version, job.id) if job and errand else None


def chosen_form() -> AccountForm:
    """The form as sent; else as typed for its check, while that is kept, or as stored. On top
    comes what the query chooses; choosing means an external server."""
    sent = request.form if request.method == "POST" else None
    account = current(db.session())
    form = stored_form(account, sent) if sent else _checked_form() or stored_form(account)
    form.mail_server.data = EXTERNAL
    for name in (
        "email_address",
        "encryption",
        "smtp_host",
        "smtp_port",
        "account_name",
        "check",
        *CHOSEN,
    ):
        if name in request.args:
            form[name].data = request.args[name]
    if sent:
        form.use_smtp_auth.data |= "use_smtp_auth" in request.args
    elif request.endpoint == "system_mail.auth" or "smtp_host" in request.args:
        form.use_smtp_auth.data = "use_smtp_auth" in request.args
        form.allow_clear_login.data = "allow_clear_login" in request.args
    if form.encryption.data not in ("plain", "ssl", "starttls"):
        form.encryption.data = "starttls"
    return form
