"""A person's consent to the account's OAuth log-in: begun by a link, finished by the worker."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account.account import current
from sysmail.account.application import application
from sysmail.account.authorization import keep_consent, uses_oauth
from sysmail.account.granting import Asking, Granted, NotGranted
from sysmail.account.models import Account
from sysmail.account.resuming import resume
from sysmail.account.secrets import open_secret, stored_context
from sysmail.audit import Actor, record
from sysmail.config import Config
from sysmail.jobs import Handler, Job, Report, ask
from sysmail.smtp import Kind
from sysmail.vault import CannotOpen, Vault

CONSENT_JOB = "oauth"
CALLBACK = "/admin/system-mail/oauth/callback"
_LASTS = timedelta(minutes=30)


def wants_person(account: Account) -> bool:
    """Whether the account's log-in is one that a person consents to."""
    return uses_oauth(account) and application(account).needs_consent


def consent_server(account: Account) -> str:
    """Its name, like "login.example.com"."""
    app = application(account)
    return urlsplit(app.authorize_url or app.token_url).netloc


@dataclass(frozen=True)
class Begun:
    """`url`: where the person consents. `kept` goes into the person's own session until the
    person comes back: the state, and the proof that only we began this (RFC 7636)."""

    url: str
    kept: str


@dataclass(frozen=True)
class Returned:
    """Checked: the code is an answer to what this person began, for the account as it is."""

    code: str
    verifier: str
    version: int


def begin_consent(account: Account, vault: Vault, config: Config, person_id: int) -> Begun:
    """A new beginning; an earlier one of the person counts no more once `kept` is replaced."""
    from authlib.integrations.requests_client import OAuth2Session

    app = application(account)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    session = OAuth2Session(
        app.client_id,
        scope=app.scope or None,
        redirect_uri=callback_url(config),
        code_challenge_method="S256",
    )
    extra = dict(app.extra) | {"login_hint": account.account_name}
    url, _state = session.create_authorization_url(
        app.authorize_url, state=state, code_verifier=verifier, **extra
    )
    told = [state, verifier, account.version, clock.now().timestamp()]
    return Begun(url, vault.seal(json.dumps(told), _context(person_id)))


def is_answer(vault: Vault, person_id: int, kept: str, state: str) -> bool:
    """Whether a return with this state, good or bad, belongs to what this person began."""
    return _begun(vault, person_id, kept, state) is not None


def returned(
    account: Account, vault: Vault, person_id: int, kept: str, state: str, code: str
) -> Returned | None:
    """None where this person did not begin it, too long ago, or for other settings."""
    begun = _begun(vault, person_id, kept, state)
    if begun is None:
        return None
    verifier, version, at = begun
    is_late = clock.now().timestamp() - at > _LASTS.total_seconds()
    if is_late or version != account.version or not code:
        return None
    return Returned(code, verifier, version)


def ask_exchange(session: Session, vault: Vault, returned: Returned, actor: Actor) -> Job:
    """The worker exchanges the code for tokens; its report has `outcome` granted | refused |
    outdated, and `cause` and `words` where refused."""
    assert actor.id is not None
    return ask(session, vault, CONSENT_JOB, vars(returned) | {"name": actor.name}, actor.id)


def callback_url(config: Config) -> str:
    """Where the authorization server sends people back to; registered there beforehand."""
    return config.public_url + CALLBACK


def exchanging(sessions: Callable[[], Session], vault: Vault, config: Config) -> Handler:
    """What the worker does for such a job."""

    def exchange(values: Mapping[str, Any], report: Report) -> None:
        with sessions() as session:
            account = current(session)
            if account.version != values["version"]:
                report.write({"outcome": "outdated"})
                return
            secret = open_secret(account, vault, stored_context(account))
            asking = Asking(application(account), secret, config)
        answer = asking.for_code(values["code"], values["verifier"], callback_url(config))
        if isinstance(answer, Granted) and not answer.refresh_token:
            words = "no refresh token was granted; does the scope ask for offline access?"
            answer = NotGranted(Kind.AUTHORIZATION_REFUSED, words)
        if isinstance(answer, NotGranted):
            report.write({"outcome": "refused", "cause": str(answer.kind), "words": answer.words})
            return
        with sessions() as session:
            kept = _keep(session, vault, answer, values)
        report.write({"outcome": "granted" if kept else "outdated"})

    return exchange


def _keep(session: Session, vault: Vault, granted: Granted, values: Mapping[str, Any]) -> bool:
    """The tokens belong to the settings that were consented to, and are kept for no others."""
    keep_consent(session, vault, granted, values["name"])
    account = session.get(Account, 1, populate_existing=True, with_for_update=True)
    if account is None or account.version != values["version"]:
        session.rollback()
        return False
    actor = Actor(None, values["name"])
    record(session, "mail_account_consented", actor, {"account_name": account.account_name})
    resume(session)
    session.commit()
    return True


def _begun(vault: Vault, person_id: int, kept: str, state: str) -> tuple[str, int, float] | None:
    """The verifier, the account's version and when; None where the state is not that kept."""
    try:
        began, verifier, version, at = json.loads(vault.open(kept, _context(person_id)))
    except CannotOpen:
        return None
    is_ours = hmac.compare_digest(began.encode(), state.encode())
    return (verifier, version, at) if is_ours else None


def _context(person_id: int) -> dict[str, str | int | None]:
    return {"purpose": "consent of the system mail account", "person": person_id}
