"""flask vault rotate: everything that is sealed is sealed anew, and still opens."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from sysmail.account import (
    Account,
    Authorization,
    External,
    Saved,
    Settings,
    TokenKeeper,
    current,
    route,
    save,
)
from sysmail.audit import SYSTEM
from sysmail.config import Config
from sysmail.vault import Vault, read_private
from tests.support.oauth_server import AuthorizationServer


def _newest(config: Config) -> Vault:
    """A vault that knows the first key alone."""
    first, *_older = read_private(config.instance / "fernet-keys").split(",")
    return Vault((first,))


def _sealed(session: Session, column: InstrumentedAttribute[Any]) -> str:
    session.expire_all()
    found = session.scalar(select(column))
    assert found is not None
    return str(found)


def test_passwords_client_secrets_and_tokens_are_sealed_with_the_new_key(
    app: Flask, session: Session
) -> None:
    config = cast(Config, app.extensions["sysmail.config"])
    vault = cast(Vault, app.extensions["sysmail.vault"])
    with AuthorizationServer() as server:
        common = {
            "mail_server": "external",
            "email_address": "portal@example.com",
            "smtp_host": "smtp.example.com",
            "smtp_port": "587",
            "use_smtp_auth": True,
            "account_name": "portal",
        }
        oauth = {
            "login_method": "oauth",
            "oauth_provider": "other",
            "oauth_grant": "client_credentials",
            "token_url": server.token_url,
            "client_id": server.client_id,
            "client_secret": server.client_secret,
        }
        for fields in ({"password": "hunter22"}, oauth):
            settings = Settings(**common | fields)  # type: ignore[arg-type]
            version = current(session).version
            assert isinstance(save(session, vault, config, SYSTEM, settings, version), Saved)
            session.commit()
        TokenKeeper(sessionmaker(session.get_bind()), vault, config).look()
        columns = (
            Account.password_sealed,
            Account.client_secret_sealed,
            Authorization.access_token_sealed,
        )
        before = [_sealed(session, column) for column in columns]
        done = app.test_cli_runner().invoke(args=["vault", "rotate"])
        assert done.exit_code == 0, done.output
        after = [_sealed(session, column) for column in columns]
        assert not set(before) & set(after)
        way = route(current(session), config, _newest(config))
        assert isinstance(way, External)
        assert way.endpoint.credentials is not None
        assert server.knows(way.endpoint.credentials.password)
