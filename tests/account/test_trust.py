"""Trust as stored: read as pasted, shown by name, and part of what a password belongs to."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import (
    Account,
    External,
    PasswordNeeded,
    Saved,
    authorities,
    current,
    pinned,
    route,
    running_out,
    stored_password,
)
from sysmail.audit import Entry
from sysmail.config import Config
from sysmail.smtp import read_certificates
from sysmail.vault import Vault
from tests.account.conftest import SECRET, Save
from tests.support import smtp_tls

COMPANY = smtp_tls.authority().cert_pem.bytes().decode()
MIDDLE = smtp_tls.middle().cert_pem.bytes().decode()
LEAF = smtp_tls.authority().issue_cert("mail.corp").cert_chain_pems[0].bytes().decode()
[LEAF_READ] = read_certificates(LEAF)
PAIRS = ":".join(LEAF_READ.fingerprint[n : n + 2] for n in range(0, 64, 2)).upper()


def test_a_pasted_authority_is_kept_without_the_text_around_it(
    session: Session, vault: Vault, config: Config, saving: Save
) -> None:
    pasted = f"Corp Root\r\n{MIDDLE}{COMPANY}".replace("\n", "\r\n") + COMPANY
    assert isinstance(saving(password=SECRET, trust_ca=pasted), Saved)
    assert {one.pem for one in authorities(current(session))} == {COMPANY, MIDDLE}
    way = route(current(session), config, vault)
    assert isinstance(way, External)
    assert way.endpoint.trust.authorities == current(session).trust_ca


@pytest.mark.parametrize(
    "pasted",
    [PAIRS, f"sha256 Fingerprint={PAIRS}", LEAF],
    ids=["pairs", "as openssl prints it", "the certificate"],
)
def test_a_pinned_certificate_is_kept_by_its_fingerprint(
    session: Session, saving: Save, pasted: str
) -> None:
    assert isinstance(saving(password=SECRET, trust_fingerprint=pasted), Saved)
    account = current(session)
    assert account.trust_fingerprint == LEAF_READ.fingerprint
    assert pinned(account) == (LEAF_READ if pasted == LEAF else None)


def test_a_pinned_certificate_once_known_stays_known(session: Session, saving: Save) -> None:
    saving(password=SECRET, trust_fingerprint=LEAF)
    saving(trust_fingerprint=LEAF_READ.fingerprint, email_address="other@example.com")
    assert pinned(current(session)) == LEAF_READ
    saving(password=SECRET, trust_fingerprint="")
    assert pinned(current(session)) is None


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("trust_ca", "not a certificate"),
        ("trust_ca", COMPANY.replace("MII", "AAA")),
        ("trust_ca", "x" * 70_000),
        ("trust_fingerprint", "AB:CD"),
        ("trust_fingerprint", "g" * 64),
    ],
    ids=["words", "damaged", "long", "short", "no hexadecimal"],
)
def test_what_is_no_certificate_is_refused_at_its_field(
    saving: Save, field: str, text: str
) -> None:
    found = saving(password=SECRET, **{field: text})
    assert isinstance(found, dict)
    assert list(found) == [field]


def test_a_private_key_is_refused_with_a_warning(saving: Save) -> None:
    key = smtp_tls.authority().issue_cert("x").private_key_pem.bytes().decode()
    found = saving(password=SECRET, trust_ca=key + COMPANY)
    assert isinstance(found, dict)
    assert "private key" in found["trust_ca"]


def test_an_authority_and_a_pin_together_are_refused(saving: Save) -> None:
    found = saving(password=SECRET, trust_ca=COMPANY, trust_fingerprint=PAIRS)
    assert isinstance(found, dict)
    assert list(found) == ["trust_fingerprint"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"trust_ca": COMPANY}),
        ({}, {"trust_fingerprint": PAIRS}),
        ({"trust_ca": COMPANY}, {"trust_ca": ""}),
        ({"trust_ca": COMPANY}, {"trust_ca": COMPANY + MIDDLE}),
        ({"trust_fingerprint": PAIRS}, {"trust_fingerprint": "0" * 64}),
    ],
)
def test_a_change_of_trust_needs_the_password_again(
    session: Session,
    vault: Vault,
    saving: Save,
    before: dict[str, str],
    after: dict[str, str],
) -> None:
    assert isinstance(saving(password=SECRET, **before), Saved)
    found = saving(**after)
    assert isinstance(found, dict)
    assert list(found) == ["password"]
    assert stored_password(current(session), vault) == SECRET
    assert isinstance(saving(password=SECRET, **after), Saved)


def test_saying_nothing_about_trust_keeps_it(session: Session, vault: Vault, saving: Save) -> None:
    saving(password=SECRET, trust_ca=COMPANY)
    assert isinstance(saving(email_address="other@example.com"), Saved)
    assert current(session).trust_ca == COMPANY
    assert stored_password(current(session), vault) == SECRET


@pytest.mark.parametrize(
    ("column", "value"),
    [("trust_ca", COMPANY), ("trust_fingerprint", "0" * 64)],
    ids=["authority", "certificate"],
)
def test_a_password_is_not_used_under_a_trust_put_in_behind_the_programs_back(
    session: Session, vault: Vault, config: Config, saving: Save, column: str, value: str
) -> None:
    saving(password=SECRET)
    session.execute(update(Account).values({column: value}))
    session.commit()
    assert route(current(session), config, vault) == PasswordNeeded()


def test_a_password_sealed_before_there_was_trust_still_opens(
    session: Session, vault: Vault, saving: Save
) -> None:
    saving(password=SECRET)
    old = {
        "purpose": "system mail account",
        "host": "smtp.example.com",
        "port": 587,
        "encryption": "starttls",
        "account_name": "portal@example.com",
    }
    session.execute(update(Account).values(password_sealed=vault.seal("older", old)))
    session.commit()
    assert stored_password(current(session), vault) == "older"


def test_a_change_of_trust_is_audited_by_name(session: Session, saving: Save) -> None:
    saving(password=SECRET, trust_ca=COMPANY)
    details = session.scalars(select(Entry.details)).all()[-1]
    [read] = read_certificates(COMPANY)
    assert details["before"]["trust_ca"] == ""
    assert details["after"]["trust_ca"] == f"{read.subject} ({read.fingerprint[:16]})"


def test_what_ends_is_told_thirty_days_before(session: Session, saving: Save) -> None:
    saving(password=SECRET, trust_fingerprint=LEAF)
    account, ends = current(session), LEAF_READ.expires_at
    assert running_out(account, ends - timedelta(days=31)) == []
    [told] = running_out(account, ends - timedelta(days=29))
    assert (told.what, told.name, told.at) == ("trust_pinned", LEAF_READ.subject, ends)


def test_the_end_of_a_client_secret_is_told_too(session: Session, saving: Save) -> None:
    saving(
        login_method="oauth",
        oauth_provider="microsoft",
        oauth_grant="client_credentials",
        tenant="corp.example",
        client_id="id",
        client_secret="secret",
        client_secret_expires_on="2027-05-03",
    )
    with time_machine.travel("2027-04-20", tick=False):
        [told] = running_out(current(session), clock.now())
    assert (told.what, told.at.date().isoformat()) == ("client_secret", "2027-05-03")
