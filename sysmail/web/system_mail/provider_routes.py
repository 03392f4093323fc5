"""Known providers: the form filled in for one, and who an address's provider is."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from sysmail import jobs
from sysmail.account import OAUTH, Provider, current, provider
from sysmail.db import db
from sysmail.outbox import worker_alive
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.web.system_mail.forms import AccountForm, stored_form
from sysmail.web.system_mail.page import account_page, chosen_form
from sysmail.web.system_mail.suggestion import NOTHING, Suggestion, by_domain
from sysmail.web.system_mail.typed import SAVES_WITHIN, may_change
from sysmail.web.throttle import Throttle

_KIND = "provider"
_LONGEST = 254
_LOOK_UPS = Throttle("provider_lookups", "20 per minute; 200 per hour")


@blueprint.get("/system-mail/provider", endpoint="provider")
@blueprint.get("/system-mail/provider/<key>", endpoint="provider")
@kit.fresh_administrator(SAVES_WITHIN)
def chosen_provider(key: str = "") -> ResponseReturnValue:
    """The form with the server, port, encryption and login of `provider`, and its traps."""
    form, known = chosen_form(), provider(key or request.args.get("provider", ""))
    if known:
        _fill(form, known)
    return account_page(form, "server", "auth", "login_advice", provider=known)


@blueprint.post("/system-mail/provider", endpoint="show_provider")
@blueprint.post("/system-mail/provider/<key>", endpoint="show_provider")
@kit.administrator
def show_provider(key: str = "") -> ResponseReturnValue:
    """The same above what was typed, for those without JavaScript; nothing is saved."""
    form, known = chosen_form(), provider(key or request.form.get("provider", ""))
    if not may_change(form):
        return account_page(form, status=422)
    if known:
        _fill(form, known)
    return account_page(form, provider=known)


@blueprint.get("/system-mail/provider/suggestion")
@kit.fresh_administrator(SAVES_WITHIN)
def suggestion() -> ResponseReturnValue:
    """What `email_address` says at once; what DNS must be asked for is left to a look-up."""
    made = by_domain(request.args.get("email_address", "")[:_LONGEST])
    return account_page(chosen_form(), "suggestion", "lookup", suggestion=made)


@blueprint.post("/system-mail/provider/lookups")
@kit.administrator
def look_up_provider() -> ResponseReturnValue:
    """Has the worker ask who takes the mail of the address's domain."""
    me, address = here.me(), request.form.get("email_address", "")[:_LONGEST].strip()
    made = by_domain(address)
    if made.state != "ask":
        return kit.see_other("system_mail.provider", email_address=address, **_key(made))
    _LOOK_UPS.count(str(me.id))
    values = {"domain": made.domain, "address": address}
    job = jobs.ask(db.session(), here.vault(), _KIND, values, me.id)
    db.session.commit()
    return kit.see_other("system_mail.provider_lookup", job_id=job.id)


@blueprint.get("/system-mail/provider/lookups/<int:job_id>")
@kit.fresh_administrator(SAVES_WITHIN)
def provider_lookup(job_id: int) -> ResponseReturnValue:
    """The form with what came of the look-up; its block polls while that is under way."""
    job = jobs.find(db.session(), job_id, _KIND, here.me().id) or abort(404)
    values = jobs.values_of(here.vault(), job) or {}
    form = stored_form(current(db.session()))
    form.mail_server.data = "external"
    form.email_address.data = values.get("address") or form.email_address.data
    made = _looked_up(job, str(values.get("address", "")))
    return account_page(form, "suggestion", suggestion=made)


def _looked_up(job: jobs.Job, address: str) -> Suggestion:
    if job.state != jobs.DONE:
        state = "looking" if worker_alive(db.session()) else "stopped"
        return Suggestion(state, address, job_id=job.id)
    found, hosts = provider(job.report.get("provider", "")), job.report.get("hosts", [])
    if not address or not (found or hosts):
        return NOTHING
    return Suggestion("known" if found else "unknown", address, found, tuple(hosts))


def _fill(form: AccountForm, known: Provider) -> None:
    """An explicit choice: the one thing that replaces a port typed by hand."""
    form.smtp_host.data = known.host or form.smtp_host.data
    form.smtp_port.data = str(known.port)
    form.encryption.data = known.encryption
    form.use_smtp_auth.data = True
    form.allow_clear_login.data = False
    form.login_method.data = OAUTH if known.login == "oauth" else form.login_method.data
    if known.account:
        form.account_name.data = known.account
    elif known.wants_address:
        form.account_name.data = form.email_address.data or form.account_name.data


def _key(made: Suggestion) -> dict[str, Any]:
    return {"key": made.found.key} if made.found else {}
