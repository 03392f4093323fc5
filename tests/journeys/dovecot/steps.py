"""What an administrator does in these journeys, by the pages, and what has arrived then."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from tests.support.dovecot import Dovecot
from tests.support.oauth_server import AuthorizationServer
from tests.support.page import Page
from tests.support.smtp_ledger import Received
from tests.support.token_mail import NAME, application

ACCOUNT = "/admin/system-mail"
PASSWORD = "open sesame 開け"
MECHANISMS = "plain login cram-md5 xoauth2 oauthbearer"


def fill_in(page: Page, server: Dovecot, button: str, **changes: Any) -> Page:
    """Fills in the account's form, with a password if nothing else is said, and presses."""
    typed: dict[str, Any] = {
        "mail_server": "external",
        "email_address": NAME,
        "smtp_host": server.host,
        "smtp_port": server.port,
        "encryption": "starttls",
        "use_smtp_auth": True,
        "account_name": NAME,
        "test_address": "alice@example.com",
        **changes,
    }
    if "login_method" not in typed:
        typed.setdefault("password", PASSWORD)
    choices = ("use_smtp_auth", "login_method", "oauth_provider", "oauth_grant", "encryption")
    shown = {name: typed[name] for name in choices if name in typed}
    page.get(f"{ACCOUNT}/auth?{urlencode(shown | {'use_smtp_auth': 1})}")
    return page.press(button, **typed)


def by_token(granting: AuthorizationServer) -> dict[str, Any]:
    """The fields of a log-in as an application."""
    return {
        "login_method": "oauth",
        "oauth_provider": "other",
        "oauth_grant": "client_credentials",
        **application(granting),
    }


def sha256_as_sent(mail: Received) -> str:
    """The mail without the Received field that Dovecot puts before it."""
    field, _, rest = mail.raw.partition(b"\r\n")
    assert field.startswith(b"Received: from ")
    while rest.startswith((b" ", b"\t")):
        rest = rest.partition(b"\r\n")[2]
    return hashlib.sha256(rest).hexdigest()
