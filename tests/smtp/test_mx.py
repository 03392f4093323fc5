"""Which hosts take a domain's mail, asked of a real DNS server on loopback."""

from collections.abc import Iterator

import pytest

from sysmail.smtp import Kind, MailHost, Resolver, Trouble
from tests.support.dnsd import ScriptedDns


@pytest.fixture
def dns() -> Iterator[ScriptedDns]:
    with ScriptedDns() as dns:
        yield dns


@pytest.fixture
def resolver(dns: ScriptedDns) -> Resolver:
    return Resolver(dns.nameserver)


def names(outcome: list[MailHost] | Trouble) -> list[str]:
    assert isinstance(outcome, list), outcome
    return [host.name for host in outcome]


def kind(outcome: object) -> Kind:
    assert isinstance(outcome, Trouble), outcome
    return outcome.kind


def test_hosts_come_in_the_order_of_preference(dns: ScriptedDns, resolver: Resolver) -> None:
    dns.add("example.test", "MX", "20 b.example.test.", "10 A.example.test.", "30 c.example.test.")
    assert names(resolver.mail_hosts("example.test")) == [
        *("a.example.test", "b.example.test", "c.example.test")
    ]


def test_equal_preferences_take_turns(dns: ScriptedDns, resolver: Resolver) -> None:
    dns.add("example.test", "MX", "10 a.example.test.", "10 b.example.test.")
    firsts = {names(resolver.mail_hosts("example.test"))[0] for _ in range(60)}
    assert firsts == {"a.example.test", "b.example.test"}


@pytest.mark.parametrize(("record", "value"), [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")])
def test_a_domain_without_mx_is_its_own_host(
    dns: ScriptedDns, resolver: Resolver, record: str, value: str
) -> None:
    dns.add("example.test", record, value)
    assert names(resolver.mail_hosts("example.test")) == ["example.test"]


def test_a_null_mx_takes_no_mail(dns: ScriptedDns, resolver: Resolver) -> None:
    dns.add("example.test", "MX", "0 .")
    assert kind(resolver.mail_hosts("example.test")) is Kind.NULL_MX


@pytest.mark.parametrize("domain", ["nowhere.test", "txt-only.test", "a.invalid", "a..test"])
def test_a_domain_without_mx_and_address_is_unknown(
    dns: ScriptedDns, resolver: Resolver, domain: str
) -> None:
    dns.add("txt-only.test", "TXT", '"hello"')
    assert kind(resolver.mail_hosts(domain)) is Kind.DOMAIN_MISSING


def test_a_name_under_invalid_is_never_asked_for(dns: ScriptedDns, resolver: Resolver) -> None:
    resolver.mail_hosts("mail.invalid")
    assert dns.queries == []


@pytest.mark.parametrize("failure", ["SERVFAIL", "REFUSED", "silence"])
def test_dns_that_fails_is_not_a_missing_domain(dns: ScriptedDns, failure: str) -> None:
    dns.fail("example.test", failure)
    resolver = Resolver(dns.nameserver, seconds=1)
    assert kind(resolver.mail_hosts("example.test")) is Kind.DNS_FAILED


@pytest.mark.parametrize("domain", ["[192.0.2.1]", "[IPv6:::1]", "192.0.2.1"])
def test_an_address_is_no_domain(resolver: Resolver, domain: str) -> None:
    assert kind(resolver.mail_hosts(domain)) is Kind.DOMAIN_UNROUTABLE


def test_an_international_domain_is_asked_for_in_ascii(
    dns: ScriptedDns, resolver: Resolver
) -> None:
    dns.add("xn--bcher-kva.test", "MX", "10 mx.example.test.")
    assert names(resolver.mail_hosts("bücher.test")) == ["mx.example.test"]


def test_both_families_of_a_host_are_found(dns: ScriptedDns, resolver: Resolver) -> None:
    dns.add("mx.test", "A", "192.0.2.1")
    dns.add("mx.test", "AAAA", "2001:db8::1")
    found = resolver.addresses("mx.test")
    assert not isinstance(found, Trouble)
    assert [str(ip) for ip in found] == ["2001:db8::1", "192.0.2.1"]


def test_a_host_without_address_is_missing(dns: ScriptedDns, resolver: Resolver) -> None:
    assert kind(resolver.addresses("mx.test")) is Kind.DNS_MISSING
    assert ("mx.test", "A") in dns.queries


def test_localhost_is_never_asked_for(dns: ScriptedDns, resolver: Resolver) -> None:
    assert names(resolver.mail_hosts("localhost")) == ["localhost"]
    assert not isinstance(resolver.addresses("localhost"), Trouble)
    assert dns.queries == []
