"""SPF judged as RFC 7208 says, asked of a real DNS server on loopback."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sysmail import clock
from sysmail.diagnosis.lookup import Lookup, Unanswered
from sysmail.diagnosis.spf import Verdict, check, records, survey
from sysmail.diagnosis.spf_terms import Asker, Malformed, expand, is_spf, parse
from sysmail.smtp import Resolver
from tests.support.dnsd import ScriptedDns

HERE = "203.0.113.9"


@pytest.fixture
def dns() -> Iterator[ScriptedDns]:
    with ScriptedDns() as server:
        server.add("a.test", "A", HERE)
        server.add("mail.a.test", "A", HERE)
        server.add("mail.a.test", "AAAA", "2001:db8::9")
        server.add("9.113.0.203.in-addr.arpa", "PTR", "mail.a.test.")
        server.add("mx.test", "MX", "10 mail.a.test.")
        server.add("yes.test", "TXT", '"v=spf1 ip4:203.0.113.0/24 -all"')
        server.add("no.test", "TXT", '"v=spf1 -all"')
        server.add("bare.test", "TXT", '"unrelated"')
        yield server


def look(dns: ScriptedDns, seconds: float = 20) -> Lookup:
    return Lookup(Resolver(dns.nameserver, 2), clock.monotonic() + seconds)


def judged(dns: ScriptedDns, record: str, ip: str = HERE) -> Verdict:
    dns.add("x.test", "TXT", *(f'"{text}"' for text in record.split("\n")))
    asker = Asker(ipaddress.ip_address(ip), "portal@x.test", "mail.a.test")
    return check(look(dns), "x.test", asker)


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 -all", "fail"),
        ("v=spf1 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1", "neutral"),
        ("v=spf1 +all", "pass"),
        ("V=SPF1 IP4:203.0.113.9 -ALL", "pass"),
        ("v=spf1 ip4:203.0.113.0/28 -all", "pass"),
        ("v=spf1 ip4:203.0.114.0/24 -all", "fail"),
        ("v=spf1 ip6:2001:db8::/32 -all", "fail"),
        ("v=spf1 a:a.test -all", "pass"),
        ("v=spf1 a:mail.a.test//64 -all", "pass"),
        ("v=spf1 a -all", "fail"),
        ("v=spf1 mx:mx.test -all", "pass"),
        ("v=spf1 mx:mx.test/30//64 -all", "pass"),
        ("v=spf1 ptr:a.test -all", "pass"),
        ("v=spf1 ptr:b.test -all", "fail"),
        ("v=spf1 exists:a.test -all", "pass"),
        ("v=spf1 exists:%{i}.b.test -all", "fail"),
        ("v=spf1 include:yes.test -all", "pass"),
        ("v=spf1 include:no.test ?all", "neutral"),
        ("v=spf1 -include:yes.test +all", "fail"),
        ("v=spf1 redirect=yes.test", "pass"),
        ("v=spf1 redirect=no.test ~all", "softfail"),
        ("v=spf1 exp=why.test unknown=x a:a.test -all", "pass"),
        ("v=spf10 +all", "none"),
        ("something else", "none"),
    ],
)
def test_each_mechanism_is_judged(dns: ScriptedDns, record: str, result: str) -> None:
    assert judged(dns, record).result == result


@pytest.mark.parametrize(
    ("record", "trouble", "about"),
    [
        ("v=spf1 -all\nv=spf1 +all", "several", "x.test"),
        ("v=spf1 ipv4:203.0.113.9 -all", "syntax", "ipv4:203.0.113.9"),
        ("v=spf1 ip4:999.0.0.1 -all", "syntax", "ip4:999.0.0.1"),
        ("v=spf1 ip4:203.0.113.9/33 -all", "syntax", "ip4:203.0.113.9/33"),
        ("v=spf1 include -all", "syntax", "include"),
        ("v=spf1 all:a.test", "syntax", "all:a.test"),
        ("v=spf1 a:%{z}.test -all", "syntax", "a:%{z}.test"),
        ("v=spf1 redirect=a.test redirect=b.test", "syntax", "redirect=b.test"),
        ("v=spf1 include:bare.test -all", "none_included", "include:bare.test"),
        ("v=spf1 redirect=bare.test", "none_included", "redirect=bare.test"),
        ("v=spf1 include:x.test -all", "lookups", "include:x.test"),
        ("v=spf1 a:1.test a:2.test a:3.test -all", "void", "portal@x.test"),
    ],
)
def test_what_receivers_take_for_an_error_is_named(
    dns: ScriptedDns, record: str, trouble: str, about: str
) -> None:
    verdict = judged(dns, record)
    assert (verdict.result, verdict.trouble, verdict.about) == ("permerror", trouble, about)


def test_ten_lookups_are_allowed_and_eleven_are_not(dns: ScriptedDns) -> None:
    ten = " ".join(["a:b.a.test"] * 9)
    dns.add("b.a.test", "A", "198.51.100.1")
    assert judged(dns, f"v=spf1 {ten} a:a.test -all").result == "pass"
    dns.add("y.test", "TXT", f'"v=spf1 {ten} a:b.a.test a:a.test -all"')
    asker = Asker(ipaddress.ip_address(HERE), "p@y.test", "h")
    assert check(look(dns), "y.test", asker).trouble == "lookups"
    assert survey(look(dns), "y.test").lookups == 11


def test_the_survey_counts_the_whole_tree_whatever_matches_first(dns: ScriptedDns) -> None:
    dns.add("deep.test", "TXT", '"v=spf1 a mx include:no.test exists:%{i}.x.test -all"')
    dns.add("top.test", "TXT", '"v=spf1 ip4:203.0.113.9 include:deep.test include:top.test -all"')
    found = survey(look(dns), "top.test")
    assert (found.lookups, found.troubles) == (6, [])
    assert found.domains == ["top.test", "deep.test", "no.test"]


def test_ipv6_is_judged_by_its_own_addresses(dns: ScriptedDns) -> None:
    assert judged(dns, "v=spf1 ip6:2001:db8::/32 -all", "2001:db8::9").result == "pass"
    asker = Asker(ipaddress.ip_address("2001:db8::9"), "p@x.test", "h")
    dns.add("six.test", "TXT", '"v=spf1 a:mail.a.test -all"')
    assert check(look(dns), "six.test", asker).result == "pass"


def test_no_answer_is_a_temporary_error(dns: ScriptedDns) -> None:
    dns.fail("broken.test")
    assert judged(dns, "v=spf1 include:broken.test -all").result == "temperror"
    with pytest.raises(Unanswered):
        records(look(dns, seconds=-1), "yes.test")


def test_a_record_in_pieces_is_put_together(dns: ScriptedDns) -> None:
    dns.add("long.test", "TXT", '"v=spf1 ip4:203.0" ".113.9 -all"')
    assert records(look(dns), "long.test") == ["v=spf1 ip4:203.0.113.9 -all"]


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("a%%b%_c%-d", "a%b c%20d"),
    ],
)
def test_macros_are_filled_in_as_in_the_standards_examples(text: str, expanded: str) -> None:
    """RFC 7208 section 7.4."""
    asker = Asker(ipaddress.ip_address("192.0.2.3"), "strong-bad@email.example.com", "h")
    assert expand(text, "email.example.com", asker) == expanded


def test_a_name_made_of_macros_is_cut_to_what_the_dns_takes() -> None:
    asker = Asker(ipaddress.ip_address("192.0.2.3"), f"{'a.' * 150}b@x.test", "h")
    name = expand("%{l}.end.test", "x.test", asker)
    assert len(name) <= 253
    assert name.endswith(".end.test")


@given(st.text(max_size=300))
def test_any_text_is_a_record_or_is_refused(text: str) -> None:
    try:
        terms = parse(f"v=spf1 {text}")
    except Malformed:
        return
    assert all(term.name for term in terms)
    assert is_spf("v=spf1")
