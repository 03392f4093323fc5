"""The way mail leaves: external, relay, direct, capture, or not without a password."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from sysmail.account import (
    Capture,
    Direct,
    External,
    PasswordNeeded,
    current,
    endpoint,
    route,
    sender,
)
from sysmail.config import Config
from sysmail.vault import Vault, new_key
from tests.account.conftest import SECRET, Save


def test_an_external_server_has_an_endpoint_with_its_credentials(
    session: Session, vault: Vault, config: Config, saving: Save
) -> None:
    saving(password=SECRET, smtp_host="SMTP.bücher.example.")
    found = route(current(session), config, vault)
    assert isinstance(found, External)
    assert found.endpoint.host == "smtp.xn--bcher-kva.example"
    assert (found.endpoint.port, found.endpoint.encryption) == (587, "starttls")
    assert found.endpoint.credentials is not None
    assert found.endpoint.credentials.password == SECRET
    assert sender(current(session), config) == "portal@example.com"


def test_a_password_of_other_settings_is_needed_again(
    session: Session, vault: Vault, config: Config, saving: Save
) -> None:
    saving(password=SECRET)
    account = current(session)
    account.smtp_port = 25
    assert endpoint(account, config, vault) == PasswordNeeded()


def test_a_lost_key_asks_for_the_password_again(
    session: Session, config: Config, saving: Save
) -> None:
    saving(password=SECRET)
    assert route(current(session), config, Vault((new_key(),))) == PasswordNeeded()


def test_without_a_login_no_password_is_opened(
    session: Session, vault: Vault, config: Config, saving: Save
) -> None:
    saving(use_smtp_auth=False)
    found = endpoint(current(session), config, vault)
    assert not isinstance(found, PasswordNeeded)
    assert found.credentials is None


def test_the_built_in_server_is_direct_relay_or_capture(
    session: Session, vault: Vault, config: Config
) -> None:
    account = current(session)
    assert route(account, config, vault) == Capture(config.instance / "captured")
    direct = route(account, replace(config, builtin="direct"), vault)
    assert direct == Direct(25, False, None, config.helo_name)
    relay = replace(config, builtin="relay", builtin_relay=("127.0.0.1", 2525))
    found = route(account, relay, vault)
    assert isinstance(found, External)
    assert found.endpoint.describe() == "127.0.0.1:2525"
    assert found.endpoint.credentials is None
    assert sender(account, config) == config.builtin_address
