"""Which columns of the account a save writes; what belongs to a choice not made stays."""

from __future__ import annotations

from typing import Any

from sysmail import clock
from sysmail.account.application import AUTHORIZATION_CODE, GOOGLE, MICROSOFT, OTHER
from sysmail.account.models import Account
from sysmail.account.oauth_rules import read_day
from sysmail.account.settings import Settings, wanted_context, wanted_secret_context
from sysmail.account.trust_rules import pinned_pem
from sysmail.audit import Actor
from sysmail.vault import Vault

Columns = dict[str, Any]


def columns(settings: Settings, vault: Vault, actor: Actor, account: Account) -> Columns:
    """Of valid settings, secrets sealed."""
    if not settings.is_external:
        found: Columns = {"mail_server": settings.mail_server}
        return found | _secrets(settings, vault, actor, account)
    found = _server_columns(settings, account) | _trust_columns(settings, account)
    if settings.uses_oauth:
        found |= _oauth_columns(settings)
    return found | _secrets(settings, vault, actor, account)


def _secrets(settings: Settings, vault: Vault, actor: Actor, account: Account) -> Columns:
    password = _password_columns(settings, vault, actor)
    return password | _client_secret_columns(settings, vault, actor, account)


def _server_columns(settings: Settings, account: Account) -> Columns:
    auth = settings.use_smtp_auth
    return {
        "mail_server": settings.mail_server,
        "email_address": settings.email_address,
        "smtp_host": settings.smtp_host,
        "smtp_port": int(settings.smtp_port),
        "encryption": settings.encryption,
        "helo_name": settings.helo_name or "",
        "use_smtp_auth": auth,
        "login_method": settings.login_method if auth else account.login_method,
        "account_name": settings.account_name if auth else account.account_name,
        "allow_clear_login": settings.allow_clear_login and settings.logs_in_clear,
    }


def _trust_columns(settings: Settings, account: Account) -> Columns:
    trust = settings.trust
    known = account.trust_pinned if trust.fingerprint == account.trust_fingerprint else ""
    return {
        "trust_ca": trust.authorities,
        "trust_fingerprint": trust.fingerprint,
        "trust_pinned": pinned_pem(settings.trust_fingerprint or "") or known,
    }


def _oauth_columns(settings: Settings) -> Columns:
    """Only what the provider asks for is kept."""
    is_other = settings.oauth_provider == OTHER
    is_google = settings.oauth_provider == GOOGLE
    return {
        "oauth_provider": settings.oauth_provider,
        "oauth_grant": AUTHORIZATION_CODE if is_google else settings.oauth_grant,
        "tenant": settings.tenant if settings.oauth_provider == MICROSOFT else "",
        "authorize_url": settings.authorize_url if is_other else "",
        "token_url": settings.token_url if is_other else "",
        "oauth_scope": settings.oauth_scope if is_other else "",
        "client_id": settings.client_id,
        "client_secret_expires_on": read_day(settings.client_secret_expires_on),
    }


def _client_secret_columns(
    settings: Settings, vault: Vault, actor: Actor, account: Account
) -> Columns:
    """Removing what is not there would still end what was granted."""
    if settings.uses_oauth and settings.client_secret:
        context = wanted_secret_context(settings)
        return {
            "client_secret_sealed": vault.seal(settings.client_secret, context),
            "client_secret_changed_at": clock.now(),
            "client_secret_changed_by": actor.name[:200],
        }
    if settings.remove_client_secret and account.client_secret_sealed is not None:
        return {
            "client_secret_sealed": None,
            "client_secret_changed_at": None,
            "client_secret_changed_by": "",
            "client_secret_expires_on": None,
        }
    return {}


def _password_columns(settings: Settings, vault: Vault, actor: Actor) -> Columns:
    if settings.uses_password and settings.password:
        return {
            "password_sealed": vault.seal(settings.password, wanted_context(settings)),
            "password_changed_at": clock.now(),
            "password_changed_by": actor.name[:200],
        }
    if settings.remove_password:
        return {"password_sealed": None, "password_changed_at": None, "password_changed_by": ""}
    return {}
