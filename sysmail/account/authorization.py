"""The account's OAuth tokens as stored: which may be used now, and how new ones are fetched.

A refresh token may be good for one use only, so whoever asks the server first claims the row.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account.account import EXTERNAL, current
from sysmail.account.application import OAUTH, Application, application
from sysmail.account.granting import Granted, NotGranted
from sysmail.account.health import PAUSED, health
from sysmail.account.models import Account, Authorization
from sysmail.account.secrets import open_secret, opened, stored_context, token_context
from sysmail.smtp import Kind, Phase, Trouble
from sysmail.vault import Context, Vault

# The longest that one question takes, and more.
_CLAIM = timedelta(seconds=90)
_AHEAD = timedelta(minutes=5)
_LAST_USE = timedelta(seconds=20)
_UNREACHABLE_WAITS = (10, 30, 60, 300, 900)
_REFUSED_WAITS = (900, 3600, 4 * 3600)
NO_CONSENT = "nobody has consented yet"


@dataclass(frozen=True)
class Order:
    """What one question needs, read before it is asked, and what its answer is sealed to."""

    claim: str
    application: Application
    secret: str | None = field(repr=False)
    refresh_token: str | None = field(repr=False)
    access_context: Context = field(repr=False)
    refresh_context: Context = field(repr=False)


def uses_oauth(account: Account) -> bool:
    """As stored: the log-in of an external server is by OAuth."""
    is_login = account.mail_server == EXTERNAL and account.use_smtp_auth
    return is_login and account.login_method == OAUTH


def usable_token(account: Account, vault: Vault) -> str | Trouble | None:
    """The access token, or why there is none; None while the worker is about to fetch it."""
    app, found, now = application(account), account.authorization, clock.now()
    wants_secret = app.needs_secret or account.client_secret_sealed is not None
    if wants_secret and open_secret(account, vault, stored_context(account)) is None:
        return Trouble(Phase.LOCAL, Kind.PASSWORD_NEEDED)
    expires_at = found.access_token_expires_at if found else None
    if found and expires_at and now < expires_at - _last_use(found):
        token = opened(vault, found.access_token_sealed, token_context(account, "access"))
        if token is not None:
            return token
    if app.needs_consent and _refresh_token(account, found, vault) is None:
        return Trouble(Phase.AUTH, Kind.AUTHORIZATION_REFUSED, detail=NO_CONSENT)
    if found and found.trouble and found.next_try_at and now < found.next_try_at:
        return Trouble(Phase.AUTH, Kind(found.trouble), detail=found.words)
    return None


def awaits_token(account: Account, vault: Vault) -> bool:
    """The worker is about to fetch a token without which nothing can be sent."""
    return uses_oauth(account) and usable_token(account, vault) is None


def needs_consent(account: Account, vault: Vault) -> bool:
    """A person has to consent (again) before there can be a token."""
    if not uses_oauth(account) or not application(account).needs_consent:
        return False
    return _refresh_token(account, account.authorization, vault) is None


def claim_order(session: Session, vault: Vault) -> Order | None:
    """What is to be asked now, claimed for whoever got this; None where nothing is due."""
    account = current(session)
    if not uses_oauth(account):
        return None
    found = account.authorization
    if found is None:
        prepare_authorization(session)
        return None
    if not _is_due(session, found):
        return None
    app, now = application(account), clock.now()
    secret = open_secret(account, vault, stored_context(account))
    refresh_token = _refresh_token(account, found, vault)
    if (app.needs_secret and secret is None) or (app.needs_consent and refresh_token is None):
        return None
    claim = secrets.token_hex(16)
    free = or_(Authorization.claim.is_(None), Authorization.claimed_until < now)
    mine = update(Authorization).where(Authorization.account_id == account.id, free)
    claimed = mine.values(claim=claim, claimed_until=now + _CLAIM)
    if session.scalar(claimed.returning(Authorization.account_id)) is None:
        return None
    contexts = token_context(account, "access"), token_context(account, "refresh")
    return Order(claim, app, secret, refresh_token, *contexts)


def settle_order(
    session: Session, vault: Vault, order: Order, answer: Granted | NotGranted
) -> bool:
    """Keeps the answer in place of what was there; False where other settings came meanwhile."""
    mine = Authorization.claim == order.claim
    found = session.scalar(select(Authorization).where(mine).with_for_update())
    if found is None:
        return False
    if isinstance(answer, Granted):
        values = _granted(vault, answer, order.access_context, order.refresh_context)
    else:
        values = _refused(answer, found.tries)
    free = {"claim": None, "claimed_until": None}
    kept = update(Authorization).where(mine).values(**values, **free)
    return session.scalar(kept.returning(Authorization.account_id)) is not None


def settle_fault(session: Session, order: Order | None, words: str) -> None:
    """A fault of our own, before or after the order: told as a token that cannot be had for now,
    and tried again by the same schedule. What another worker asks meanwhile stays its own."""
    mine = Authorization.claim == (order.claim if order else None)
    found = session.scalar(select(Authorization).where(mine).with_for_update())
    if found is not None:
        values = _refused(NotGranted(Kind.AUTHORIZATION_UNREACHABLE, words), found.tries)
        free = {"claim": None, "claimed_until": None}
        session.execute(update(Authorization).where(mine).values(**values, **free))


def keep_consent(session: Session, vault: Vault, granted: Granted, person: str) -> None:
    """The first tokens after a person consented; whatever was asked meanwhile is void."""
    account = current(session)
    contexts = token_context(account, "access"), token_context(account, "refresh")
    forget_authorization(session)
    values = _granted(vault, granted, *contexts)
    consent = {"consented_at": clock.now(), "consented_by": person[:200]}
    session.add(Authorization(account_id=account.id, **values, **consent))


def prepare_authorization(session: Session) -> None:
    """After a save: what is due is asked at once."""
    account = current(session)
    found = session.get(Authorization, account.id, populate_existing=True)
    if account.login_method == OAUTH and found is None:
        session.add(Authorization(account_id=account.id, words="", tries=0))
    elif found is not None:
        found.next_try_at = clock.now()


def forget_authorization(session: Session) -> None:
    """Other settings: what was granted for the old ones is of no use for them."""
    session.execute(delete(Authorization))


def _is_due(session: Session, found: Authorization) -> bool:
    now, expires_at = clock.now(), found.access_token_expires_at
    if found.trouble and found.next_try_at and now < found.next_try_at:
        return False
    ends = expires_at is None or now >= expires_at - _ahead(found)
    return ends or _is_distrusted(session, found)


def _is_distrusted(session: Session, found: Authorization) -> bool:
    """The mail server refused the login with it: it may have been revoked, a new one may do."""
    state = health(session)
    refused = state.state == PAUSED and state.cause == "login_rejected"
    return refused and found.fetched_at is not None and found.fetched_at < state.since


def _lasts(found: Authorization) -> timedelta:
    until, since = found.access_token_expires_at, found.fetched_at
    return until - since if until and since else timedelta(0)


def _ahead(found: Authorization) -> timedelta:
    """How long before its end a token is replaced; of a short life at most half."""
    return min(_AHEAD, _lasts(found) / 2)


def _last_use(found: Authorization) -> timedelta:
    """A login begun with the token must end before it does."""
    return min(_LAST_USE, _lasts(found) / 4)


def _refresh_token(account: Account, found: Authorization | None, vault: Vault) -> str | None:
    sealed = found.refresh_token_sealed if found else None
    return opened(vault, sealed, token_context(account, "refresh"))


def _granted(vault: Vault, answer: Granted, access: Context, refresh: Context) -> dict[str, Any]:
    now = clock.now()
    values: dict[str, Any] = {
        "access_token_sealed": vault.seal(answer.access_token, access),
        "access_token_expires_at": now + answer.lasts,
        "fetched_at": now,
        "trouble": None,
        "words": "",
        "tries": 0,
        "next_try_at": None,
    }
    if answer.refresh_token:
        values["refresh_token_sealed"] = vault.seal(answer.refresh_token, refresh)
    return values


def _refused(answer: NotGranted, tries: int) -> dict[str, Any]:
    refused = answer.kind is Kind.AUTHORIZATION_REFUSED
    waits = _REFUSED_WAITS if refused else _UNREACHABLE_WAITS
    wait = timedelta(seconds=waits[min(tries, len(waits) - 1)])
    return {
        "trouble": str(answer.kind),
        "words": answer.words,
        "tries": tries + 1,
        "next_try_at": clock.now() + wait,
    }
