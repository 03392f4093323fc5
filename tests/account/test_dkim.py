"""DKIM keys: who signs when, what is sealed, and what stays when keys are replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import (
    DkimKey,
    Saved,
    current,
    keys_of,
    make_keys,
    sender_domain,
    sign_external,
    signing_ids,
    signing_key,
    start_signing,
    withdraw_key,
)
from sysmail.audit import Entry
from sysmail.config import Config
from sysmail.vault import CannotOpen, Vault, new_key
from tests.account.conftest import ALICE

DOMAIN = "portal.example.com"


@pytest.fixture
def config(app: Flask) -> Config:
    found: Config = app.extensions["sysmail.config"]
    return replace(found, builtin_address=f"no-reply@{DOMAIN}")


def states(session: Session) -> list[str]:
    return [key.state for key in session.query(DkimKey).order_by(DkimKey.id)]


def ids(session: Session, config: Config) -> tuple[int, ...]:
    return signing_ids(session, current(session), config)


@pytest.mark.both_engines
def test_keys_sign_once_they_are_put_to_use_and_the_old_stay_published(
    session: Session, vault: Vault, config: Config
) -> None:
    first = make_keys(session, vault, ALICE, DOMAIN)
    assert ids(session, config) == ()
    assert start_signing(session, ALICE, DOMAIN)
    assert ids(session, config) == tuple(key.id for key in first)
    second = make_keys(session, vault, ALICE, DOMAIN)
    assert ids(session, config) == tuple(key.id for key in first)
    start_signing(session, ALICE, DOMAIN)
    assert ids(session, config) == tuple(key.id for key in second)
    session.commit()
    assert states(session) == ["retired", "retired", "active", "active"]
    assert [key.algorithm for key in keys_of(session, DOMAIN)] == ["rsa", "ed25519"] * 2
    assert not start_signing(session, ALICE, DOMAIN)


@pytest.mark.both_engines
def test_a_withdrawn_key_signs_nothing_new_but_can_still_repeat_what_it_signed(
    session: Session, vault: Vault, config: Config
) -> None:
    rsa, ed25519 = make_keys(session, vault, ALICE, DOMAIN)
    start_signing(session, ALICE, DOMAIN)
    withdraw_key(session, ALICE, rsa)
    session.commit()
    assert ids(session, config) == (ed25519.id,)
    assert keys_of(session, DOMAIN) == [ed25519]
    assert signing_key(session, vault, rsa.id).selector == rsa.selector


def test_keys_that_never_signed_make_way_for_new_ones(session: Session, vault: Vault) -> None:
    make_keys(session, vault, ALICE, DOMAIN)
    make_keys(session, vault, ALICE, DOMAIN)
    assert states(session) == ["withdrawn", "withdrawn", "made", "made"]


def test_another_senders_mails_are_not_signed(
    session: Session, vault: Vault, config: Config
) -> None:
    make_keys(session, vault, ALICE, "other.example.com")
    start_signing(session, ALICE, "other.example.com")
    assert ids(session, config) == ()


def test_an_external_servers_mails_are_signed_on_wish(
    session: Session, vault: Vault, config: Config, saving: Callable[..., Saved]
) -> None:
    make_keys(session, vault, ALICE, "example.com")
    start_signing(session, ALICE, "example.com")
    saving(email_address="portal@example.com", password="x")
    assert ids(session, config) == ()
    sign_external(session, ALICE, True)
    sign_external(session, ALICE, True)
    assert len(ids(session, config)) == 2
    sign_external(session, ALICE, False)
    assert ids(session, config) == ()
    actions = [entry.action for entry in session.query(Entry).order_by(Entry.id)]
    assert actions.count("dkim_external_changed") == 2


def test_the_wish_can_come_before_the_first_save(session: Session, config: Config) -> None:
    sign_external(session, ALICE, True)
    session.commit()
    assert current(session).signs_external


def test_private_keys_are_sealed_to_their_place(
    session: Session, vault: Vault, config: Config
) -> None:
    rsa, ed25519 = make_keys(session, vault, ALICE, DOMAIN)
    assert "PRIVATE" not in rsa.private_sealed + rsa.public
    rsa.private_sealed = ed25519.private_sealed
    session.flush()
    with pytest.raises(CannotOpen):
        signing_key(session, vault, rsa.id)
    with pytest.raises(CannotOpen):
        signing_key(session, Vault((new_key(),)), ed25519.id)
    with pytest.raises(CannotOpen):
        signing_key(session, vault, 999)


def test_the_domain_of_an_international_sender_is_its_a_label_form(
    session: Session, config: Config
) -> None:
    account = current(session)
    assert sender_domain(account, replace(config, builtin_address="a@例え.jp")) == "xn--r8jz45g.jp"
    assert sender_domain(account, replace(config, builtin_address="a@b c")) == ""


def test_renewed_keys_open_with_the_new_vault_key_alone(app: Flask, session: Session) -> None:
    vault: Vault = app.extensions["sysmail.vault"]
    rsa, _ed = make_keys(session, vault, ALICE, DOMAIN)
    session.commit()
    result = app.test_cli_runner().invoke(args=["vault", "rotate"])
    assert result.exit_code == 0, result.output
    session.expire_all()
    first = (app.extensions["sysmail.config"].instance / "fernet-keys").read_text().split(",")[0]
    assert signing_key(session, Vault((first.strip(),)), rsa.id).domain == DOMAIN
