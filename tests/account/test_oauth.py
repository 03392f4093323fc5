"""OAuth tokens: fetched ahead of need, sealed to one use, rotated, and refused in typed values."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from sysmail import clock
from sysmail.account import (
    Account,
    Application,
    Authorization,
    External,
    Incident,
    PasswordNeeded,
    Saved,
    TokenAwaited,
    TokenKeeper,
    application,
    current,
    health,
    note_trouble,
    route,
)
from sysmail.account.granting import Asking, NotGranted
from sysmail.config import Config
from sysmail.smtp import Credentials, Kind
from sysmail.vault import Vault
from tests.account.conftest import Save
from tests.support import smtp_tls
from tests.support.oauth_server import AuthorizationServer
from tests.support.ports import closed_port

Fetch = Callable[[], bool]
REFUSED = "authorization_refused"
UNREACHABLE = "authorization_unreachable"


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def keeper(session: Session, vault: Vault, config: Config) -> TokenKeeper:
    return TokenKeeper(sessionmaker(session.get_bind()), vault, config)


@pytest.fixture
def fetch(session: Session, keeper: TokenKeeper) -> Fetch:
    """One look of the keeper; whether it asked."""

    def call() -> bool:
        asked = keeper.look()
        session.expire_all()
        return asked

    return call


def fields(server: AuthorizationServer, **changes: Any) -> dict[str, Any]:
    return {
        "login_method": "oauth",
        "oauth_provider": "other",
        "oauth_grant": "client_credentials",
        "token_url": server.token_url,
        "oauth_scope": "smtp",
        "client_id": server.client_id,
        "client_secret": server.client_secret,
    } | changes


def credentials(session: Session, config: Config, vault: Vault) -> Credentials:
    way = route(current(session), config, vault)
    assert isinstance(way, External), way
    assert way.endpoint.credentials is not None
    return way.endpoint.credentials


@pytest.mark.both_engines
def test_a_token_is_awaited_then_fetched_and_used(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
) -> None:
    assert isinstance(saving(**fields(server)), Saved)
    assert route(current(session), config, vault) == TokenAwaited()
    assert fetch()
    found = credentials(session, config, vault)
    assert found.is_token
    assert found.account_name == "portal@example.com"
    assert server.knows(found.password)
    assert server.asked == [
        {
            "grant_type": "client_credentials",
            "scope": "smtp",
            "client_id": server.client_id,
            "client_secret": server.client_secret,
        }
    ]
    assert not fetch()


def test_a_token_is_replaced_before_it_ends(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
) -> None:
    saving(**fields(server))
    fetch()
    first = credentials(session, config, vault)
    with time_machine.travel(clock.now() + timedelta(minutes=54)):
        assert not fetch()
    with time_machine.travel(clock.now() + timedelta(minutes=56)):
        assert credentials(session, config, vault) == first
        assert fetch()
        assert credentials(session, config, vault) != first


def test_an_ended_token_is_not_used(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
) -> None:
    saving(**fields(server))
    fetch()
    with time_machine.travel(clock.now() + timedelta(minutes=60)):
        assert route(current(session), config, vault) == TokenAwaited()


def test_a_refusal_is_told_in_the_servers_words_and_not_repeated_at_once(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
) -> None:
    server.refuse("invalid_client", "AADSTS7000222: the secret\r\n has expired \x1b[31m", 401)
    saving(**fields(server))
    fetch()
    way = route(current(session), config, vault)
    assert isinstance(way, PasswordNeeded)
    assert (way.trouble.phase, way.trouble.kind) == ("auth", REFUSED)
    assert way.trouble.detail == "invalid_client: AADSTS7000222: the secret has expired [31m"
    assert not fetch()
    server.honest()
    saving()
    assert isinstance(route(current(session), config, vault), PasswordNeeded)
    saving(**fields(server, client_secret=""))
    assert fetch()
    assert credentials(session, config, vault)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (503, b"", UNREACHABLE),
        (429, b"slow down", UNREACHABLE),
        (400, b'{"error": "temporarily_unavailable"}', UNREACHABLE),
        (200, b"<html>sign in to this network</html>", UNREACHABLE),
        (200, b'{"access_token": "a b"}', UNREACHABLE),
        (200, b'{"access_token": "a", "token_type": "mac"}', UNREACHABLE),
        (200, b'{"token_type": "Bearer"}', UNREACHABLE),
        (200, b'["at"]', UNREACHABLE),
        (200, b" " * 300_000, UNREACHABLE),
        (302, b"", UNREACHABLE),
        (404, b"not here", REFUSED),
        (400, b'{"error": "invalid_scope"}', REFUSED),
        (400, b'{"error": ["odd"]}', REFUSED),
        (200, b'{"access_token": "a", "expires_in": 1e999}', UNREACHABLE),
        pytest.param(200, b"[" * 200_000, UNREACHABLE, id="brackets without end"),
    ],
)
def test_every_answer_without_a_token_has_its_cause(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
    status: int,
    body: bytes,
    kind: str,
) -> None:
    server.answer(status, body, {"Location": server.authorize_url})
    saving(**fields(server))
    fetch()
    way = route(current(session), config, vault)
    assert isinstance(way, PasswordNeeded)
    assert way.trouble.kind == kind
    assert len(server.asked) == 1


@pytest.mark.parametrize("seconds", ["9223372036854775807", "1e15", "99999999999999"])
def test_a_token_for_ever_is_a_token(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
    seconds: str,
) -> None:
    server.answer(200, b'{"access_token": "a", "expires_in": %s}' % seconds.encode())
    saving(**fields(server))
    assert fetch()
    assert credentials(session, config, vault).password == "a"


def test_a_server_that_is_gone_is_asked_again_soon(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
) -> None:
    nowhere = f"http://127.0.0.1:{closed_port()}/token"
    saving(**fields(server, token_url=nowhere))
    fetch()
    way = route(current(session), config, vault)
    assert isinstance(way, PasswordNeeded)
    assert (way.trouble.kind, way.trouble.detail) == (UNREACHABLE, "no connection")
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        assert route(current(session), config, vault) == TokenAwaited()
        assert fetch()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("smtp_host", "evil.example"),
        ("smtp_port", 25),
        ("account_name", "other@example.com"),
        ("token_url", "http://127.0.0.1:9/"),
        ("client_id", "another"),
        ("oauth_scope", "everything"),
        ("trust_fingerprint", "0" * 64),
    ],
)
def test_neither_secret_nor_token_is_used_for_settings_changed_behind_the_programs_back(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
    column: str,
    value: Any,
) -> None:
    saving(**fields(server))
    fetch()
    session.execute(update(Account).values({column: value}))
    session.commit()
    assert route(current(session), config, vault) == PasswordNeeded()
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert not fetch()
    assert len(server.asked) == 1


def test_changed_settings_need_the_secret_again_and_forget_the_tokens(
    server: AuthorizationServer, session: Session, saving: Save, fetch: Fetch
) -> None:
    saving(**fields(server))
    fetch()
    blank = fields(server, client_secret="", smtp_host="other.example.com")
    found = saving(**blank)
    assert isinstance(found, dict)
    assert list(found) == ["client_secret"]
    assert session.get(Authorization, 1).access_token_sealed  # type: ignore[union-attr]
    assert isinstance(saving(**blank | {"client_secret": server.client_secret}), Saved)
    assert session.get(Authorization, 1).access_token_sealed is None  # type: ignore[union-attr]


@pytest.mark.both_engines
def test_two_workers_ask_once(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
) -> None:
    saving(**fields(server))
    session.execute(
        update(Authorization).values(
            claim="other", claimed_until=clock.now() + timedelta(seconds=9)
        )
    )
    session.commit()
    keeper = TokenKeeper(sessionmaker(session.get_bind()), vault, config)
    assert not keeper.look()
    with time_machine.travel(clock.now() + timedelta(seconds=10)):
        assert keeper.look()
    assert len(server.asked) == 1


def test_a_token_the_mail_server_refused_is_replaced_and_the_account_probed(
    server: AuthorizationServer,
    session: Session,
    config: Config,
    saving: Save,
    fetch: Fetch,
) -> None:
    saving(**fields(server))
    fetch()
    refused = Incident("config", "account", "login_rejected", "auth")
    note_trouble(session, config, refused, clock.now())
    session.commit()
    assert fetch()
    assert health(session).next_probe_at <= clock.now()  # type: ignore[operator]
    assert not fetch()


def test_a_fault_of_our_own_is_told_and_the_keeper_goes_on(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    caplog: pytest.LogCaptureFixture,
) -> None:
    saving(**fields(server))
    no_config = cast(Config, None)
    keeper = TokenKeeper(sessionmaker(session.get_bind()), vault, no_config)
    keeper.start()
    until = clock.monotonic() + 10
    while isinstance(way := route(current(session), config, vault), TokenAwaited):
        assert clock.monotonic() < until
        assert keeper.is_alive()
        session.rollback()
    assert isinstance(way, PasswordNeeded)
    assert (way.trouble.kind, way.trouble.detail) == (UNREACHABLE, "internal error, see the log")
    assert keeper.is_alive()
    keeper.stop()
    assert (
        "a fault while tokens were looked after, which goes on: AttributeError at " in caplog.text
    )
    assert server.client_secret not in caplog.text
    found = session.get_one(Authorization, 1)
    assert (found.claim, found.tries) == (None, 1)


def test_no_secret_and_no_token_is_in_the_database_or_the_log(
    server: AuthorizationServer,
    session: Session,
    vault: Vault,
    config: Config,
    saving: Save,
    fetch: Fetch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    saving(**fields(server))
    fetch()
    token = credentials(session, config, vault).password
    session.commit()
    kept = b"".join(path.read_bytes() for path in config.instance.glob("sysmail.db*"))
    for secret in (server.client_secret, token):
        assert secret.encode() not in kept
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("certificate", "ca_file", "words"),
    [
        ("good", True, ""),
        ("good", False, "its certificate is not trusted"),
        ("wrong_name", True, "its certificate is not trusted"),
        ("expired", True, "its certificate is not trusted"),
    ],
)
def test_the_authorization_server_is_verified(
    config: Config, certificate: str, ca_file: bool, words: str
) -> None:
    config = replace(config, ca_file=smtp_tls.ca_file() if ca_file else None)
    with AuthorizationServer(certificate) as server:
        answer = Asking(_application(server), server.client_secret, config).as_itself()
    assert getattr(answer, "words", "") == words


def test_a_server_on_a_private_address_is_not_asked_where_that_is_denied(
    server: AuthorizationServer, config: Config
) -> None:
    config = replace(config, smtp_private=False)
    answer = Asking(_application(server), server.client_secret, config).as_itself()
    assert answer == NotGranted(Kind.AUTHORIZATION_UNREACHABLE, "no connection")
    assert server.asked == []


def _application(server: AuthorizationServer) -> Application:
    url = server.token_url
    return Application("client_credentials", server.client_id, "", url, "smtp")


def test_microsoft_and_google_need_no_addresses() -> None:
    asked = Account(
        oauth_provider="microsoft",
        oauth_grant="client_credentials",
        tenant="corp.example",
        client_id="id",
    )
    host = "https://login.microsoftonline.com/corp.example/oauth2/v2.0"
    assert application(asked).token_url == f"{host}/token"
    assert application(asked).scope == "https://outlook.office365.com/.default"
    asked.oauth_grant = "authorization_code"
    assert application(asked).authorize_url == f"{host}/authorize"
    assert "offline_access" in application(asked).scope
    asked.oauth_provider = "google"
    assert application(asked).needs_consent
    assert application(asked).scope == "https://mail.google.com/"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login_method": "magic"}, "login_method"),
        ({"oauth_provider": "nobody"}, "oauth_provider"),
        ({"oauth_grant": "password"}, "oauth_grant"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "a\nb"}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"client_secret": "a\tb"}, "client_secret"),
        ({"client_secret_expires_on": "3 May"}, "client_secret_expires_on"),
        ({"client_secret_expires_on": "2027-02-30"}, "client_secret_expires_on"),
        ({"oauth_scope": "é"}, "oauth_scope"),
        ({"token_url": ""}, "token_url"),
        ({"token_url": "http://login.example.com/token"}, "token_url"),
        ({"token_url": "https://user:pw@login.example.com/token"}, "token_url"),
        ({"token_url": "https://login.example.com/token#x"}, "token_url"),
        ({"token_url": "https://169.254.169.254/token"}, "token_url"),
        ({"token_url": "file:///etc/passwd"}, "token_url"),
        ({"token_url": "https://login.example.com:x/token"}, "token_url"),
        ({"oauth_grant": "authorization_code"}, "authorize_url"),
        ({"oauth_provider": "microsoft"}, "tenant"),
        ({"oauth_provider": "microsoft", "tenant": "a/b"}, "tenant"),
        ({"oauth_provider": "microsoft", "tenant": "common"}, "tenant"),
        ({"encryption": "plain", "allow_clear_login": True}, "encryption"),
    ],
)
def test_each_field_has_its_rule(
    server: AuthorizationServer, saving: Save, changes: dict[str, Any], field: str
) -> None:
    found = saving(**fields(server, **changes))
    assert isinstance(found, dict)
    assert list(found) == [field]
