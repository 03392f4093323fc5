"""Check connection: what was typed is tried by the worker while the page looks on."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from sysmail.account import current
from sysmail.db import db
from sysmail.diagnosis import (
    CHECK,
    Asking,
    Errand,
    Repair,
    ask_check,
    errand_for,
    errand_of,
    read_checked,
    repairs,
    with_typed_secret,
)
from sysmail.jobs import Job, find
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.web.system_mail.check_view import check_view
from sysmail.web.system_mail.forms import AccountForm, stored_form, typed_form
from sysmail.web.system_mail.page import account_page
from sysmail.web.system_mail.typed import SAVES_WITHIN, may_change, refuse, typed
from sysmail.web.throttle import Throttle
from sysmail.words import _

_CHECKS = Throttle("connection_checks", "5 per minute; 30 per hour")
_PAGE = "system_mail/check.html"


@blueprint.post("/system-mail/check", endpoint="check")
@kit.administrator
def ask_for_check() -> ResponseReturnValue:
    """Has the worker try what was typed; nothing is saved and no message sent."""
    form = AccountForm()
    if not may_change(form):
        return account_page(form, status=422)
    _CHECKS.count(str(here.me().id))
    asked = ask_check(db.session(), _asking(), typed(form), form.version_seen())
    if not isinstance(asked, Job):
        refuse(form, asked)
        return account_page(form, status=422)
    db.session.commit()
    return kit.see_other("system_mail.checked", check_id=asked.id)


@blueprint.get("/system-mail/checks/<int:check_id>")
@kit.fresh_administrator(SAVES_WITHIN)
def checked(check_id: int) -> ResponseReturnValue:
    """The steps as they come, above the form as it was typed; `?repair=` repairs it."""
    return _page(check_id)


@blueprint.get("/system-mail/checks/<int:check_id>/steps")
@kit.fresh_administrator(SAVES_WITHIN)
def checked_steps(check_id: int) -> ResponseReturnValue:
    """What the page's block asks while it follows the check."""
    return _page(check_id, "check")


@blueprint.post("/system-mail/checks/<int:check_id>/repair")
@kit.fresh_administrator(SAVES_WITHIN)
def repair_and_check(check_id: int) -> ResponseReturnValue:
    """Repairs the form and checks again; where a password is needed first, the form asks."""
    job = _own(check_id)
    errand = errand_of(here.vault(), job)
    if errand is None:
        kit.flash(_("This check is too old to go on from: its values were erased."), "warning")
        return kit.see_other("system_mail.account")
    chosen = _repair(job, errand, request.form.get("repair", "")) or abort(404)
    _CHECKS.count(str(here.me().id))
    settings = replace(chosen.applied(errand.settings), password="", client_secret="")
    settings = with_typed_secret(db.session(), here.vault(), settings, check_id, here.me().id)
    asked = ask_check(db.session(), _asking(), settings, errand.version, chosen.label)
    if not isinstance(asked, Job):
        return kit.see_other("system_mail.checked", check_id=check_id, repair=chosen.key)
    db.session.commit()
    return kit.see_other("system_mail.checked", check_id=asked.id)


def _page(check_id: int, *blocks: str) -> Response:
    job = _own(check_id)
    errand = errand_of(here.vault(), job)
    chosen = _repair(job, errand, request.args.get("repair", "")) if errand else None
    form = _form(job, errand, chosen)
    check = check_view(db.session(), here.config(), job, errand, chosen)
    return account_page(form, *blocks, template=_PAGE, check=check)


def _form(job: Job, errand: Errand | None, chosen: Repair | None) -> AccountForm:
    """As typed, or repaired; when the values are gone, as stored."""
    if errand is None:
        return stored_form(current(db.session()))
    settings = chosen.applied(errand.settings) if chosen else errand.settings
    form = typed_form(settings, errand.version, job.id)
    if chosen:
        wanted = errand_for(db.session(), _asking(), typed(form))
        refuse(form, {} if isinstance(wanted, Errand) else wanted)
    return form


def _repair(job: Job, errand: Errand, key: str) -> Repair | None:
    if not key:
        return None
    found = read_checked(job.report)
    offered = repairs(db.session(), here.config(), found, errand.settings)
    return next((repair for repair in offered if repair.key == key), None)


def _own(check_id: int) -> Job:
    return find(db.session(), check_id, CHECK, here.me().id) or abort(404)


def _asking() -> Asking:
    me = here.me()
    return Asking(me.actor, me.email, here.vault(), here.config())
