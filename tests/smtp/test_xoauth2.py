"""Logging in with an access token: XOAUTH2 alone, once, never in the clear."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from sysmail.smtp import Accepted, Credentials, Kind, Mode, Phase, judge
from tests.support.smtp_client import opened, opening_trouble, send
from tests.support.smtpd import ScriptedSmtp

NAME = "jürgen@example.com"
TOKEN = "ya29." + "x" * 2500
WITH_TOKEN = Credentials(NAME, TOKEN, is_token=True)


def server_for(**changes: Any) -> ScriptedSmtp:
    settings: dict[str, Any] = {"users": {"u": "p"}, "tls": "ssl", "mechanisms": ["XOAUTH2"]}
    server = ScriptedSmtp(**settings | changes)
    server.options.accepts_token = lambda name, token: (name, token) == (NAME, TOKEN)
    return server


@pytest.mark.parametrize("tls", [None, "ssl", "starttls"])
def test_a_token_logs_in_and_leaves_no_trace(tls: str | None) -> None:
    with server_for(tls=tls) as server:
        with opened(server, credentials=WITH_TOKEN) as session:
            assert isinstance(send(session), Accepted)
        assert server.ledger[0].auth_user == NAME
    shown = "\n".join(session.transcript)
    assert "C: AUTH XOAUTH2 ***" in shown
    assert TOKEN[-100:] not in shown
    assert base64.b64encode(TOKEN.encode()).decode()[8:100] not in shown


def test_a_refused_token_is_tried_once_and_the_refusal_heard_to_its_end() -> None:
    with server_for() as server:
        wrong = Credentials(NAME, "stale", is_token=True)
        trouble = opening_trouble(server, credentials=wrong)
        assert server.login_attempts == 1
        assert server.commands[-1] == ""
    assert trouble.phase is Phase.AUTH
    assert judge(trouble, Mode.EXTERNAL).cause == "login_rejected"


def test_a_token_is_given_to_no_mechanism_for_passwords() -> None:
    with server_for(mechanisms=["PLAIN", "LOGIN"]) as server:
        trouble = opening_trouble(server, credentials=WITH_TOKEN)
        assert server.login_attempts == 0
    assert judge(trouble, Mode.EXTERNAL).cause == "no_common_mechanism"


def test_a_token_is_never_sent_in_the_clear_even_where_a_password_might_be() -> None:
    with server_for(tls=None) as server:
        # The system reads this as 127.0.0.1, but it is no name that means loopback.
        trouble = opening_trouble(
            server, credentials=WITH_TOKEN, host="127.1", allow_clear_login=True
        )
        assert server.login_attempts == 0
    assert trouble.kind is Kind.CLEAR_LOGIN_REFUSED


def test_a_name_that_would_break_the_message_is_never_sent() -> None:
    with server_for() as server:
        odd = Credentials("a\1auth=Bearer b", TOKEN, is_token=True)
        assert opening_trouble(server, credentials=odd).kind is Kind.UNUSABLE_CREDENTIALS
        assert server.login_attempts == 0
