"""The name of the greeting: what may be typed, how it is said, and which names are offered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail.account import (
    Account,
    External,
    Saved,
    current,
    greeting_names,
    route,
    stored_password,
)
from sysmail.audit import Entry, describe
from sysmail.config import Config
from sysmail.vault import Vault
from tests.account.conftest import SECRET, Save

pytestmark = pytest.mark.both_engines


def _said(session: Session, config: Config, vault: Vault) -> str:
    way = route(current(session), config, vault)
    assert isinstance(way, External)
    return way.endpoint.helo_name


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("portal.example.com", "portal.example.com"),
        (" Portal.Example.COM. ", "portal.example.com"),
        ("portal.bücher.example", "portal.xn--bcher-kva.example"),
        ("portal.corp.internal", "portal.corp.internal"),
        ("[203.0.113.9]", "[203.0.113.9]"),
        ("[ipv6:2001:DB8::9]", "[IPv6:2001:db8::9]"),
    ],
)
def test_a_name_is_said_to_the_server_in_its_own_form(
    session: Session, config: Config, vault: Vault, saving: Save, typed: str, said: str
) -> None:
    assert isinstance(saving(password=SECRET, helo_name=typed), Saved)
    assert _said(session, config, vault) == said


@pytest.mark.parametrize(
    "typed",
    [
        "portal",
        "localhost",
        "portal example.com",
        "portal.example.com\r\nMAIL FROM:<eve@example.com>",
        "portal\n.example.com",
        "my_portal.example.com",
        "-portal.example.com",
        "portal..example.com",
        "https://portal.example.com",
        "me@portal.example.com",
        "203.0.113.9",
        "2001:db8::9",
        "portal.example.1",
        "[203.0.113.999]",
        "[203.0.113.9",
        "[2001:db8::9]",
        "[IPv6:fe80::1%eth0]",
        "[portal.example.com]",
        f"{'a.' * 127}example.com",
    ],
)
def test_what_is_no_full_name_is_refused_at_its_field_and_nothing_is_stored(
    session: Session, saving: Save, typed: str
) -> None:
    found = saving(password=SECRET, helo_name=typed)
    assert isinstance(found, dict)
    assert list(found) == ["helo_name"]
    assert current(session).version == 1


def test_an_address_is_told_to_stand_in_brackets(saving: Save) -> None:
    found = saving(password=SECRET, helo_name="203.0.113.9")
    assert isinstance(found, dict)
    assert "brackets" in found["helo_name"]


def test_blank_means_the_name_of_the_installation(
    session: Session, config: Config, vault: Vault, saving: Save
) -> None:
    saving(password=SECRET)
    assert _said(session, config, vault) == config.helo_name
    saving(helo_name="portal.example.com")
    saving(helo_name="")
    assert _said(session, config, vault) == config.helo_name


def test_saying_nothing_about_it_keeps_it_and_the_built_in_server_does_too(
    session: Session, saving: Save
) -> None:
    saving(password=SECRET, helo_name="portal.example.com")
    saving(email_address="other@example.com")
    saving(mail_server="builtin", helo_name="")
    assert current(session).helo_name == "portal.example.com"


def test_the_password_does_not_belong_to_it(session: Session, vault: Vault, saving: Save) -> None:
    saving(password=SECRET)
    assert isinstance(saving(helo_name="portal.example.com"), Saved)
    assert stored_password(current(session), vault) == SECRET


def test_a_name_put_in_behind_the_programs_back_is_not_said(
    session: Session, config: Config, vault: Vault, saving: Save
) -> None:
    saving(password=SECRET)
    session.execute(update(Account).values(helo_name="a\r\nRCPT TO:<eve@example.com>"))
    session.commit()
    assert _said(session, config, vault) == config.helo_name


def test_a_change_is_audited_from_what_to_what(session: Session, saving: Save) -> None:
    saving(password=SECRET, helo_name="old.example.com")
    saving(helo_name="new.example.com")
    details = session.scalars(select(Entry.details).order_by(Entry.id)).all()[-1]
    assert (details["before"], details["after"]) == (
        {"helo_name": "old.example.com"},
        {"helo_name": "new.example.com"},
    )
    told = describe("mail_account_changed", details)
    assert "Name in the greeting: old.example.com → new.example.com." in told


@pytest.mark.parametrize(
    ("public_url", "sender", "names"),
    [
        (
            "https://portal.corp.example:8443/x",
            "a@example.com",
            ["portal.corp.example", "example.com"],
        ),
        ("http://example.com", "a@example.com", ["example.com"]),
        ("http://203.0.113.9:8000", "a@bücher.example", ["xn--bcher-kva.example"]),
        ("http://[2001:db8::9]:8000", "a@[203.0.113.9]", []),
        ("http://localhost:8000", "a@localhost.localdomain", []),
        ("http://portal.localhost", "a@intranet", []),
    ],
)
def test_full_names_are_offered_and_never_an_address(
    config: Config, public_url: str, sender: str, names: list[str]
) -> None:
    assert greeting_names(replace(config, public_url=public_url), sender) == names
