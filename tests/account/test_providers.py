"""Each entry of providers.toml holds what the form needs, and no address belongs to two."""

from __future__ import annotations

from collections import Counter

import pytest

from sysmail.account import normalise
from sysmail.account.advice import LOGINS, TRAPS
from sysmail.account.providers import (
    Provider,
    provider,
    provider_of_address,
    provider_of_host,
    provider_of_mx,
    providers,
)
from sysmail.smtp import Encryption

each = pytest.mark.parametrize("known", providers(), ids=lambda known: known.key)
ASKED_FOR = (
    "Microsoft 365|Outlook.com|Google Workspace|Gmail|Amazon SES|SendGrid|Mailgun|Postmark|Brevo"
    "|Zoho|Fastmail|Sakura|Xserver|Yahoo|iCloud|IONOS|OVH|Mailjet|SparkPost|Mailtrap"
)


@each
def test_its_server_can_be_entered_in_the_form(known: Provider) -> None:
    host = known.host or known.example
    assert normalise(host) == host
    assert "." in host
    assert known.kind in ("mailbox", "service")
    assert known.name


@each
def test_port_and_encryption_go_together(known: Provider) -> None:
    assert known.encryption in tuple(Encryption)
    assert (known.encryption, known.port) in {("ssl", 465), ("starttls", 587)}


@each
def test_what_it_says_beside_the_fields_is_text_that_can_be_translated(known: Provider) -> None:
    assert known.login in LOGINS
    assert set(known.traps) <= set(TRAPS)
    assert known.traps
    for sentence in (known.login_advice, *known.advice):
        assert sentence[0].isupper() or sentence[0] == "“"
        assert sentence.endswith((".", ")"))
        assert len(sentence) < 200


@each
def test_its_domains_and_mail_hosts_are_whole_lower_case_names(known: Provider) -> None:
    for name in (*known.domains, *known.mx):
        assert normalise(name) == name
    assert provider(known.key) == known


@each
def test_its_own_server_and_mail_hosts_lead_back_to_it(known: Provider) -> None:
    found = provider_of_host(known.host or known.example)
    assert found
    assert found.host == known.host
    for name in known.mx:
        assert provider_of_mx([f"mx1.{name}."]) == known


def test_keys_domains_and_mail_hosts_are_each_named_once() -> None:
    known = providers()
    for names in (
        [one.key for one in known],
        [one.label for one in known],
        [domain for one in known for domain in one.domains],
        [host for one in known for host in one.mx],
    ):
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_no_word_of_advice_is_left_over() -> None:
    known = providers()
    assert {one.login for one in known} == set(LOGINS)
    assert {trap for one in known for trap in one.traps} == set(TRAPS)


@pytest.mark.parametrize("name", ASKED_FOR.split("|"))
def test_the_providers_people_ask_for_are_known(name: str) -> None:
    assert any(known.name.startswith(name) for known in providers())


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("portal@gmail.com", "gmail"),
        ("Portal@GoogleMail.com", "gmail"),
        ("portal@outlook.com", "outlook"),
        ("x@yahoo.co.jp", "yahoo-japan"),
        ("x@zohomail.eu", "zoho-eu"),
        ("x@example.com", None),
        ("", None),
        ("gmail.com", "gmail"),
    ],
)
def test_an_address_of_a_providers_own_domain_names_it(address: str, key: str | None) -> None:
    found = provider_of_address(address)
    assert (found.key if found else None) == key


@pytest.mark.parametrize(
    ("hosts", "key"),
    [
        (["aspmx.l.google.com.", "alt1.aspmx.l.google.com"], "google-workspace"),
        (["gmail-smtp-in.l.google.com"], "gmail"),
        (["example-com.mail.protection.outlook.com"], "microsoft-365"),
        (["outlook-com.olc.protection.outlook.com"], "outlook"),
        (["example-com.a-v1.mx.microsoft"], "microsoft-365"),
        (["in1-smtp.messagingengine.com"], "fastmail"),
        (["mx.zoho.eu"], "zoho-eu"),
        (["mx00.ionos.de"], "ionos-de"),
        (["mx01.kundenserver.de"], "ionos-de"),
        (["example.sakura.ne.jp"], "sakura"),
        (["mta7.am0.yahoodns.net"], "yahoo"),
        (["mx1.notgoogle.com", "notzoho.eu"], None),
        ([], None),
    ],
)
def test_a_domains_mail_hosts_name_its_provider(hosts: list[str], key: str | None) -> None:
    found = provider_of_mx(hosts)
    assert (found.key if found else None) == key


def test_a_server_of_ones_own_is_known_by_its_ending() -> None:
    assert provider_of_host("sv9.xserver.jp") == provider("xserver")
    assert provider_of_host("EMAIL-SMTP.eu-west-1.amazonaws.com.") == provider(
        "amazon-ses-eu-west-1"
    )
    assert provider_of_host("xserver.jp.example.com") is None
