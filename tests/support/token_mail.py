"""A mail server that takes mail only from who shows a token of an authorization server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.oauth_server import AuthorizationServer
from tests.support.smtpd import ScriptedSmtp

NAME = AuthorizationServer.account_name


@contextmanager
def mail_by_token(granting: AuthorizationServer, tls: str | None = None) -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp(users={NAME: ""}, mechanisms=["XOAUTH2"], tls=tls) as server:
        server.options.accepts_token = lambda name, token: name == NAME and granting.knows(token)
        yield server


def application(granting: AuthorizationServer) -> dict[str, Any]:
    """The fields of the account that name what logs in there, and where tokens are had."""
    return {
        "use_smtp_auth": True,
        "account_name": NAME,
        "token_url": granting.token_url,
        "oauth_scope": "smtp",
        "client_id": granting.client_id,
        "client_secret": granting.client_secret,
    }
