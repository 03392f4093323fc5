"""A person's consent to the OAuth log-in: the way there, the way back, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from sysmail.account import (
    CONSENT_JOB,
    Account,
    ask_exchange,
    begin_consent,
    callback_url,
    consent_server,
    current,
    is_answer,
    returned,
    wants_person,
)
from sysmail.db import db
from sysmail.diagnosis import Explanation, explain
from sysmail.jobs import Job, find
from sysmail.outbox import worker_alive
from sysmail.web import here, kit
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.web.system_mail.typed import SAVES_WITHIN
from sysmail.words import _

_KEPT = "system_mail.consent"
_WORDS_SHOWN = 300
_SHOWN = {"granted", "refused", "outdated"}


@dataclass(frozen=True)
class Grant:
    """`state` waiting | granted | refused | outdated | lost; `cause` and `words` where refused."""

    id: int
    state: str
    cause: str
    words: str
    explanation: Explanation
    account: Account
    has_worker: bool


@blueprint.get("/system-mail/oauth/consent")
@kit.fresh_administrator(SAVES_WITHIN)
def consent() -> ResponseReturnValue:
    """Tells what comes and links to the authorization server: form-action would stop a form."""
    return _consent_page()


@blueprint.get("/system-mail/oauth/callback")
@kit.administrator
def consented() -> ResponseReturnValue:
    """Where the authorization server leads people back to. It asks the worker for the tokens
    although it is a GET: RFC 6749, section 4.1.2, knows no other way. The state, good for one
    return of the person who began, keeps others from having it done; without it, what is
    under way stays as it is."""
    kept, account, me = str(cookie.get(_KEPT, "")), current(db.session()), here.me()
    if kept and not wants_person(account):
        kit.flash(_not_ours(), "warning")
        return kit.see_other("system_mail.account")
    state, code = request.args.get("state", ""), request.args.get("code", "")
    if not is_answer(here.vault(), me.id, kept, state):
        return _consent_page(_not_ours(), begins=False)
    cookie.pop(_KEPT)
    if error := request.args.get("error"):
        told = request.args.get("error_description", "")
        words = f"{error}: {told}" if told else error
        return _consent_page(_("Nothing was granted."), words[:_WORDS_SHOWN])
    found = returned(account, here.vault(), me.id, kept, state, code)
    if found is None:
        return _consent_page(_not_ours())
    job = ask_exchange(db.session(), here.vault(), found, me.actor)
    db.session.commit()
    return kit.see_other("system_mail.granted", job_id=job.id)


@blueprint.get("/system-mail/oauth/grants/<int:job_id>")
@kit.administrator
def granted(job_id: int) -> ResponseReturnValue:
    """What came of a consent."""
    return _grant_page(job_id)


@blueprint.get("/system-mail/oauth/grants/<int:job_id>/state")
@kit.administrator
def grant_state(job_id: int) -> ResponseReturnValue:
    """What the page's block asks while the worker fetches the tokens."""
    return _grant_page(job_id, "grant")


def _not_ours() -> str:
    return _(
        "This return does not belong to a consent begun here a moment ago, or the account was "
        "changed meanwhile. Begin again."
    )


def _consent_page(problem: str = "", words: str = "", begins: bool = True) -> Response:
    """Where nothing is begun, a link leads to where it is."""
    account = current(db.session())
    if not wants_person(account):
        abort(404)
    begun = None
    if begins:
        begun = begin_consent(account, here.vault(), here.config(), here.me().id)
        cookie[_KEPT] = begun.kept
    return kit.render_page(
        "system_mail/consent.html",
        status=400 if problem else 200,
        account=account,
        begun=begun,
        server=consent_server(account),
        callback=callback_url(here.config()),
        problem=problem,
        words=words,
    )


def _grant_page(job_id: int, *blocks: str) -> Response:
    job = find(db.session(), job_id, CONSENT_JOB, here.me().id) or abort(404)
    return kit.render_page("system_mail/granted.html", *blocks, grant=_grant(job))


def _grant(job: Job) -> Grant:
    account, report = current(db.session()), job.report
    outcome = report.get("outcome", "")
    ended = outcome if outcome in _SHOWN else "lost"
    cause, words = str(report.get("cause", "")), str(report.get("words", ""))
    server = consent_server(account)
    return Grant(
        id=job.id,
        state=ended if job.is_done or outcome else "waiting",
        cause=cause,
        words=words,
        explanation=explain(cause, host=server, words=words, for_check=True),
        account=account,
        has_worker=worker_alive(db.session()),
    )
