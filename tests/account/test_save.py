"""Saving the System Mail Account: rules, seal, compare-and-set, audit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.account import Saved, Settings, current, save, stored_password
from sysmail.audit import Actor, Entry
from sysmail.config import Config
from sysmail.vault import Vault
from tests.account.conftest import SECRET, TYPED, Save

pytestmark = pytest.mark.both_engines


def _details(session: Session, action: str = "mail_account_changed") -> list[dict[str, Any]]:
    query = select(Entry.details).where(Entry.action == action).order_by(Entry.id)
    return list(session.scalars(query))


def test_a_new_installation_has_the_built_in_server_and_reading_writes_nothing(
    session: Session,
) -> None:
    account = current(session)
    assert (account.mail_server, account.version) == ("builtin", 1)
    assert not session.new


def test_an_external_account_is_stored_and_its_password_opens(
    session: Session, vault: Vault, saving: Save
) -> None:
    outcome = saving(password=SECRET, test_address=" bob@example.com\u200b ")
    assert isinstance(outcome, Saved)
    assert outcome.changed
    assert outcome.test_address == "bob@example.com"
    account = current(session)
    assert (account.smtp_host, account.smtp_port, account.version) == ("smtp.example.com", 587, 2)
    assert stored_password(account, vault) == SECRET
    assert account.password_changed_by == "Alice"


def test_pasted_blanks_go_but_never_from_the_password(
    session: Session, vault: Vault, saving: Save
) -> None:
    outcome = saving(
        email_address="\u00a0portal@example.com ",
        smtp_host="\ufeffsmtp.example.com\t",
        smtp_port="５８７ ",
        account_name=" portal@example.com",
        password=" secret ",
    )
    assert isinstance(outcome, Saved)
    assert "blank" in outcome.hints[0]
    account = current(session)
    assert account.email_address == "portal@example.com"
    assert (account.smtp_host, account.smtp_port) == ("smtp.example.com", 587)
    assert account.account_name == "portal@example.com"
    assert stored_password(account, vault) == " secret "


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mail_server", "elsewhere"),
        ("email_address", ""),
        ("email_address", "portal"),
        ("email_address", "Portal <portal@example.com>"),
        ("email_address", "a,b@example.com"),
        ("email_address", "portal@example.com\r\nBcc: eve@example.com"),
        ("smtp_host", ""),
        ("smtp_host", "smtp example"),
        ("smtp_host", "https://smtp.example.com"),
        ("smtp_host", "smtp.example.com:587"),
        ("smtp_host", "portal@example.com"),
        ("smtp_host", "169.254.169.254"),
        ("smtp_port", ""),
        ("smtp_port", "0"),
        ("smtp_port", "65536"),
        ("smtp_port", "-1"),
        ("smtp_port", "25.0"),
        ("encryption", "tls"),
        ("account_name", ""),
        ("account_name", "a" * 256),
        ("account_name", "a\x00b"),
        ("password", ""),
        ("password", "a\nb"),
        ("password", "a" * 1001),
        ("test_address", "nobody"),
    ],
)
def test_each_wrong_value_has_one_message_and_nothing_is_stored(
    session: Session, saving: Save, field: str, value: str
) -> None:
    outcome = saving(**({"password": SECRET} | {field: value}))
    assert isinstance(outcome, dict)
    assert list(outcome) == [field]
    assert current(session).version == 1
    assert _details(session) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email_address", "portal@bücher.example"),
        ("email_address", "portal@localhost"),
        ("email_address", "x@corp.internal"),
        ("smtp_host", "bücher.example"),
        ("smtp_host", "mailhost"),
        ("smtp_host", "smtp.example.com."),
        ("smtp_host", "[::1]"),
        ("smtp_host", "10.1.2.3"),
        ("smtp_port", "2525"),
    ],
)
def test_what_intranets_and_other_scripts_use_is_accepted(
    saving: Save, field: str, value: str
) -> None:
    assert isinstance(saving(password=SECRET, **{field: value}), Saved)


def test_a_blank_password_keeps_the_stored_one(
    session: Session, vault: Vault, saving: Save
) -> None:
    saving(password=SECRET)
    assert isinstance(saving(email_address="other@example.com"), Saved)
    assert stored_password(current(session), vault) == SECRET


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("smtp_host", "evil.example.com"),
        ("smtp_port", "2587"),
        ("encryption", "ssl"),
        ("account_name", "other"),
    ],
)
def test_a_change_of_what_the_password_belongs_to_asks_for_it_again(
    session: Session, vault: Vault, saving: Save, field: str, value: str
) -> None:
    saving(password=SECRET)
    outcome = saving(**{field: value})
    assert isinstance(outcome, dict)
    assert list(outcome) == ["password"]
    assert stored_password(current(session), vault) == SECRET


def test_case_and_trailing_dot_of_the_host_are_no_change(saving: Save) -> None:
    saving(password=SECRET)
    assert isinstance(saving(smtp_host="SMTP.example.com."), Saved)


def test_an_edit_behind_the_programs_back_does_not_open_the_password(
    session: Session, vault: Vault, saving: Save
) -> None:
    saving(password=SECRET)
    current(session).smtp_host = "evil.example.com"
    assert stored_password(current(session), vault) is None


def test_the_password_can_be_removed(session: Session, vault: Vault, saving: Save) -> None:
    saving(password=SECRET)
    assert isinstance(saving(remove_password=True), dict)
    assert isinstance(saving(use_smtp_auth=False, remove_password=True), Saved)
    assert current(session).password_sealed is None
    assert _details(session)[-1]["password"] == "removed"


def test_switching_to_built_in_keeps_the_external_settings(
    session: Session, vault: Vault, saving: Save
) -> None:
    saving(password=SECRET)
    blank = dict.fromkeys(("email_address", "smtp_host", "smtp_port", "account_name"), "")
    outcome = saving(mail_server="builtin", use_smtp_auth=False, **blank)
    assert isinstance(outcome, Saved)
    account = current(session)
    assert (account.mail_server, account.smtp_host) == ("builtin", "smtp.example.com")
    assert account.use_smtp_auth
    assert isinstance(saving(), Saved)
    assert stored_password(current(session), vault) == SECRET


def test_plain_with_a_login_needs_the_tick_and_is_audited(session: Session, saving: Save) -> None:
    outcome = saving(encryption="plain", password=SECRET)
    assert isinstance(outcome, dict)
    assert list(outcome) == ["allow_clear_login"]
    assert isinstance(saving(encryption="plain", password=SECRET, allow_clear_login=True), Saved)
    assert _details(session, "clear_login_allowed") == [{"host": "smtp.example.com", "port": 587}]


def test_plain_with_a_login_on_this_machine_needs_no_tick(session: Session, saving: Save) -> None:
    for host in ("localhost", "127.0.0.1", "::1"):
        assert isinstance(saving(encryption="plain", smtp_host=host, password=SECRET), Saved)
    assert _details(session, "clear_login_allowed") == []


def test_the_tick_is_forgotten_where_it_does_not_apply(session: Session, saving: Save) -> None:
    saving(password=SECRET, allow_clear_login=True)
    assert not current(session).allow_clear_login


def test_who_saved_meanwhile_is_named_and_nothing_is_lost(session: Session, saving: Save) -> None:
    saving(version=1, password=SECRET)
    outcome = saving(version=1, smtp_host="late.example.com", password=SECRET)
    assert isinstance(outcome, dict)
    assert list(outcome) == ["version"]
    assert "Alice" in outcome["version"]
    assert current(session).smtp_host == "smtp.example.com"


def test_saving_the_same_again_changes_and_audits_nothing(session: Session, saving: Save) -> None:
    saving(password=SECRET)
    outcome = saving()
    assert isinstance(outcome, Saved)
    assert not outcome.changed
    assert current(session).version == 2
    assert len(_details(session)) == 1


def test_the_audit_entry_has_the_values_but_never_the_password(
    session: Session, saving: Save
) -> None:
    saving(password=SECRET)
    saving(smtp_host="smtp2.example.com", password=SECRET + "2")
    details = _details(session)[-1]
    assert details["before"] == {"smtp_host": "smtp.example.com"}
    assert details["after"] == {"smtp_host": "smtp2.example.com"}
    assert details["password"] == "changed"
    assert SECRET not in json.dumps(_details(session), ensure_ascii=False)


def test_the_password_is_in_no_byte_of_the_instance(
    app: Flask, session: Session, config: Config, saving: Save
) -> None:
    saving(password=SECRET)
    session.close()
    files = [path for path in config.instance.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert SECRET.encode() not in path.read_bytes()
        assert json.dumps(SECRET)[1:-1].encode() not in path.read_bytes()


def test_settings_never_show_their_password() -> None:
    assert SECRET not in repr(Settings(password=SECRET))


def test_private_servers_can_be_forbidden(session: Session, vault: Vault, config: Config) -> None:
    from dataclasses import replace

    strict = replace(config, smtp_private=False)
    for host in ("127.0.0.1", "10.0.0.1", "localhost"):
        settings = Settings(**(TYPED | {"smtp_host": host, "password": SECRET}))
        outcome = save(session, vault, strict, Actor(1, "Alice"), settings, 1)
        assert isinstance(outcome, dict)
        assert list(outcome) == ["smtp_host"]
