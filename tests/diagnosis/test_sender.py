"""The check of the sender: what it finds in the DNS, in sentences, with the lines to copy."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import keys_of, make_keys, start_signing
from sysmail.audit import SYSTEM
from sysmail.config import Config
from sysmail.diagnosis import DnsLine, Topic, read_topics, sender_handler, sender_question
from sysmail.diagnosis.sender_host import own_addresses
from sysmail.diagnosis.sender_question import KeyAsked, Question
from tests.support.dnsd import ScriptedDns

DOMAIN = "example.test"
HELO = "mail.example.test"
IP = "203.0.113.9"
KEY = KeyAsked(f"s._domainkey.{DOMAIN}", "v=DKIM1; k=rsa; p=AAAA", "active")
DIRECT = Question(f"portal@{DOMAIN}", DOMAIN, "direct", "", HELO, True, [KEY])
EXTERNAL = replace(DIRECT, mode="external", host="smtp.provider.test", signs=False, keys=[])

Ask = Callable[..., dict[str, Topic]]


class Kept:
    """A job's report."""

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []
        self.ends_after = 99

    def write(self, report: dict[str, Any]) -> None:
        self.written.append({**report, "topics": list(report["topics"])})

    def cancelled(self) -> bool:
        return len(self.written) >= self.ends_after


@pytest.fixture
def dns() -> Iterator[ScriptedDns]:
    with ScriptedDns() as server:
        server.add(DOMAIN, "A", IP)
        server.add(HELO, "A", IP)
        server.add("9.113.0.203.in-addr.arpa", "PTR", f"{HELO}.")
        server.add("smtp.provider.test", "A", "198.51.100.7")
        yield server


@pytest.fixture
def ask(app: Flask, dns: ScriptedDns) -> Ask:
    config: Config = app.extensions["sysmail.config"]

    def asked(
        question: Question, kept: Kept | None = None, own: str = "10.0.0.5"
    ) -> dict[str, Topic]:
        kept = kept or Kept()
        own_addresses = [ipaddress.ip_address(own)]
        handler = sender_handler(replace(config, resolver=dns.nameserver), lambda: own_addresses)
        handler(asdict(question), kept)
        return {topic.name: topic for topic in read_topics(kept.written[-1])}

    return asked


def publish(dns: ScriptedDns, name: str, *texts: str) -> None:
    dns.add(name, "TXT", *(f'"{text}"' for text in texts))


def everything(dns: ScriptedDns) -> None:
    publish(dns, DOMAIN, f"v=spf1 ip4:{IP} -all")
    publish(dns, KEY.place, KEY.value)
    publish(dns, f"_dmarc.{DOMAIN}", f"v=DMARC1; p=reject; rua=mailto:d@{DOMAIN}")
    dns.add(DOMAIN, "MX", f"10 {HELO}.")


def said(topic: Topic) -> str:
    return " ".join(f"{finding.text} {finding.todo}" for finding in topic.findings)


def test_where_all_is_well_every_topic_says_so(ask: Ask, dns: ScriptedDns) -> None:
    everything(dns)
    topics = ask(DIRECT)
    assert list(topics) == ["spf", "dkim", "dmarc", "mx", "reverse"]
    assert {topic.severity for topic in topics.values()} == {"ok"}
    assert "Mails from 203.0.113.9 pass SPF, by “ip4:203.0.113.9”." in said(topics["spf"])
    assert "as far as can be seen from here" in said(topics["spf"])
    assert not [line for topic in topics.values() for line in topic.lines]


def test_where_nothing_is_published_each_topic_gives_the_line_to_add(
    ask: Ask, dns: ScriptedDns
) -> None:
    topics = ask(DIRECT)
    lines = [line for topic in topics.values() for line in topic.lines]
    assert lines == [
        DnsLine(DOMAIN, f"v=spf1 ip4:{IP} ~all"),
        DnsLine(KEY.place, KEY.value),
        DnsLine(f"_dmarc.{DOMAIN}", f"v=DMARC1; p=none; rua=mailto:postmaster@{DOMAIN}"),
    ]
    assert [topics[name].severity for name in ("spf", "dkim")] == ["problem", "problem"]


def test_a_machine_with_a_public_address_is_judged_by_that(ask: Ask, dns: ScriptedDns) -> None:
    everything(dns)
    dns.add("9.9.9.9.in-addr.arpa", "PTR", "dns9.quad9.net.")
    topic = ask(DIRECT, own="9.9.9.9")["spf"]
    assert "Mails from 9.9.9.9 fail SPF" in said(topic)
    assert "as far as can be seen" not in said(topic)


def test_a_machine_sees_its_own_addresses_without_asking_anybody() -> None:
    assert all(address.version in (4, 6) for address in own_addresses())


def test_a_sender_not_in_the_record_is_told_how_the_record_should_read(
    ask: Ask, dns: ScriptedDns
) -> None:
    publish(dns, DOMAIN, "v=spf1 include:spf.other.test -all")
    publish(dns, "spf.other.test", "v=spf1 ip4:192.0.2.0/24 ~all")
    topic = ask(DIRECT)["spf"]
    assert topic.severity == "problem"
    assert "fail SPF, by “-all”" in said(topic)
    assert topic.lines == [DnsLine(DOMAIN, f"v=spf1 include:spf.other.test ip4:{IP} -all")]


def test_two_spf_records_are_put_together_to_one(ask: Ask, dns: ScriptedDns) -> None:
    publish(dns, DOMAIN, f"v=spf1 ip4:{IP} ~all", "v=spf1 include:b.test ~all")
    topic = ask(DIRECT)["spf"]
    assert "more than one SPF record" in said(topic)
    assert topic.lines == [DnsLine(DOMAIN, f"v=spf1 include:b.test ip4:{IP} ~all")]


def test_too_many_lookups_and_an_open_door_are_problems(ask: Ask, dns: ScriptedDns) -> None:
    publish(dns, DOMAIN, f"v=spf1 ip4:{IP} {'a ' * 11}+all")
    text = said(ask(DIRECT)["spf"])
    assert "needs 11 look-ups" in text
    assert "lets anybody send as you" in text


def test_a_providers_own_include_settles_the_question(ask: Ask, dns: ScriptedDns) -> None:
    publish(dns, DOMAIN, "v=spf1 include:_spf.google.com ~all")
    publish(dns, "_spf.google.com", "v=spf1 ip4:192.0.2.0/24 ~all")
    topic = ask(replace(EXTERNAL, host="smtp.gmail.com"))["spf"]
    assert topic.severity == "ok"
    assert "includes _spf.google.com" in said(topic)


def test_a_known_provider_that_is_not_included_brings_the_line(ask: Ask, dns: ScriptedDns) -> None:
    dns.add("smtp.office365.com", "A", "198.51.100.8")
    topic = ask(replace(EXTERNAL, host="smtp.office365.com"))["spf"]
    assert topic.lines == [DnsLine(DOMAIN, "v=spf1 include:spf.protection.outlook.com ~all")]


def test_another_server_is_judged_only_as_far_as_can_be_seen(ask: Ask, dns: ScriptedDns) -> None:
    publish(dns, DOMAIN, "v=spf1 -all")
    topic = ask(EXTERNAL)["spf"]
    assert topic.severity == "advice"
    assert "Mails from 198.51.100.7 fail SPF" in said(topic)
    assert "as far as can be seen from here" in said(topic)


def test_an_external_server_gets_no_check_of_this_machines_names(
    ask: Ask, dns: ScriptedDns
) -> None:
    topics = ask(EXTERNAL)
    assert "reverse" not in topics
    assert "its provider usually does it" in said(topics["dkim"])


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (["v=DKIM1; k=rsa; p=BBBB"], "holds another key"),
        (["v=DKIM1; k=ed25519; p=AAAA"], "holds another key"),
        (["v=DKIM1; p="], "was revoked"),
        (["v=DKIM1; p=AAAA; t=y"], "marked as a test"),
        (["v=DKIM1; p=AAAA", "v=DKIM1; p=BBBB"], "several records"),
    ],
)
def test_a_dkim_record_that_does_not_fit_is_told_apart(
    ask: Ask, dns: ScriptedDns, records: list[str], words: str
) -> None:
    publish(dns, KEY.place, *records)
    assert words in said(ask(DIRECT)["dkim"])


def test_white_space_in_a_published_key_does_not_matter(ask: Ask, dns: ScriptedDns) -> None:
    publish(dns, KEY.place, "v=DKIM1;k=rsa;p=A A A A;")
    assert ask(DIRECT)["dkim"].severity == "ok"


def test_keys_that_were_only_made_are_advice(ask: Ask, dns: ScriptedDns) -> None:
    topic = ask(replace(DIRECT, keys=[replace(KEY, state="made")]))["dkim"]
    assert topic.severity == "advice"
    assert "do not sign yet" in said(topic)


def test_dmarc_is_found_at_a_parent_with_its_policy_for_subdomains(
    ask: Ask, dns: ScriptedDns
) -> None:
    publish(dns, f"_dmarc.{DOMAIN}", "v=DMARC1; p=none; sp=reject; rua=mailto:a@b.test")
    sub = replace(DIRECT, domain=f"a.b.{DOMAIN}", address=f"p@a.b.{DOMAIN}", keys=[])
    topic = ask(sub)["dmarc"]
    assert f"{DOMAIN} asks receivers to refuse what fails." in said(topic)
    assert topic.severity == "problem"
    assert "Neither SPF nor DKIM" in said(topic)


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "2 DMARC records"),
        (["v=DMARC1; rua=mailto:a@b.test"], "no policy that receivers know"),
        (["v=DMARC1; p=quarantine"], "names no address for reports"),
        (["v=DMARC10; p=none"], "has no DMARC record"),
    ],
)
def test_a_dmarc_record_that_does_not_fit_is_told_apart(
    ask: Ask, dns: ScriptedDns, records: list[str], words: str
) -> None:
    publish(dns, f"_dmarc.{DOMAIN}", *records)
    assert words in said(ask(DIRECT)["dmarc"])


def test_answers_need_a_server(ask: Ask, dns: ScriptedDns) -> None:
    assert "has no MX record" in said(ask(DIRECT)["mx"])
    dns.add("null.test", "MX", "0 .")
    null = replace(DIRECT, domain="null.test", address="p@null.test")
    assert "takes no mail" in said(ask(null)["mx"])
    nowhere = replace(DIRECT, domain="nowhere.test", address="p@nowhere.test")
    assert "cannot be answered" in said(ask(nowhere)["mx"])


def test_names_for_direct_delivery_must_lead_back_and_agree(ask: Ask, dns: ScriptedDns) -> None:
    dns.add("other.test", "A", "203.0.113.10")
    assert "has no reverse name" in said(ask(replace(DIRECT, helo="other.test"))["reverse"])
    dns.add("10.113.0.203.in-addr.arpa", "PTR", "liar.test.")
    assert "does not lead back" in said(ask(replace(DIRECT, helo="other.test"))["reverse"])
    dns.add("liar.test", "A", "203.0.113.10")
    topic = ask(replace(DIRECT, helo="other.test"))["reverse"]
    assert "called liar.test, but introduces itself as other.test" in said(topic)
    assert "by an address" in said(ask(replace(DIRECT, helo="[203.0.113.9]"))["reverse"])
    assert "cannot be seen" in said(ask(replace(DIRECT, helo="nowhere.test"))["reverse"])


def test_a_dns_that_fails_is_said_and_stops_nothing_else(ask: Ask, dns: ScriptedDns) -> None:
    everything(dns)
    dns.fail(f"_dmarc.{DOMAIN}")
    topics = ask(DIRECT)
    assert "no usable answer about _dmarc.example.test" in said(topics["dmarc"])
    assert topics["mx"].severity == "ok"


def test_a_sender_without_a_domain_is_one_sentence(ask: Ask, dns: ScriptedDns) -> None:
    topics = ask(replace(DIRECT, domain="", address="portal@b c"))
    assert list(topics) == ["mx"]
    assert dns.queries == []


def test_topics_are_told_one_by_one_and_a_cancelled_check_ends(ask: Ask, dns: ScriptedDns) -> None:
    kept = Kept()
    ask(DIRECT, kept)
    assert [len(report["topics"]) for report in kept.written] == [1, 2, 3, 4, 5]
    kept = Kept()
    kept.ends_after = 2
    assert list(ask(DIRECT, kept)) == ["spf", "dkim"]


def test_the_question_holds_the_account_and_its_keys_but_no_secret(
    app: Flask, session: Session
) -> None:
    config: Config = replace(
        app.extensions["sysmail.config"], builtin_address=f"no-reply@{DOMAIN}", builtin="direct"
    )
    make_keys(session, app.extensions["sysmail.vault"], SYSTEM, DOMAIN)
    start_signing(session, SYSTEM, DOMAIN)
    asked = sender_question(session, config)
    assert (asked["domain"], asked["mode"], asked["signs"]) == (DOMAIN, "direct", True)
    assert [key["state"] for key in asked["keys"]] == ["active", "active"]
    assert Question.of(asked).keys[0].value == keys_of(session, DOMAIN)[0].value
    assert "PRIVATE" not in str(asked)


def test_a_long_record_is_also_given_in_pieces() -> None:
    line = DnsLine("s._domainkey.example.test", "x" * 300)
    assert line.pieces == f'"{"x" * 255}" "{"x" * 45}"'
