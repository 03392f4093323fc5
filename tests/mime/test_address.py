"""One plain address, or a refusal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sysmail.mime import Address, Unsafe


@pytest.mark.parametrize(
    "email",
    [
        "bob@example.com",
        "bob.o'neil+tag@example.com",
        "x@intranet",
        "x@corp.internal",
        "x@mail.local",
        "x@host.test",
        "x@localhost",
        "x@pc-17.lan",
        "x@r3---sn-1.example.com",
        "user=domain#x@example.com",
        "a" * 64 + "@example.com",
    ],
)
def test_a_plain_address_goes_on_the_wire_as_it_is(email: str) -> None:
    assert Address(email).wire == email
    assert not Address(email).needs_smtputf8


@pytest.mark.parametrize(
    "email",
    [
        "",
        "bob",
        "@example.com",
        "bob@",
        "bob@example.com\r\nRCPT TO:<eve@example.com>",
        "bob@example.com\n",
        "bob\r@example.com",
        "bob\x00@example.com",
        "bob\t@example.com",
        "bob @example.com",
        " bob@example.com",
        "bob@example.com ",
        "bob\x7f@example.com",
        "bob\u0085@example.com",
        "bob\u202e@example.com",
        "bob\u2028@example.com",
        "bob\ud800@example.com",
        "bob@exam\u0000ple.com",
        "bob@example.com,eve@example.com",
        "bob@example.com;eve@example.com",
        "<bob@example.com>",
        "Bob <bob@example.com>",
        "bob@example.com> SIZE=1",
        "bob(comment)@example.com",
        "bob@example.com (comment)",
        "bob%example.com@relay.example",
        "relay!bob@example.com",
        "@relay.example:bob@example.com",
        "bob@one@two.example",
        '"bob"@example.com',
        '"bob smith"@example.com',
        "bo\\b@example.com",
        "-oQ/tmp@example.com",
        "|/bin/sh@example.com",
        "/etc/passwd@example.com",
        ".bob@example.com",
        "bob.@example.com",
        "b..ob@example.com",
        "a" * 65 + "@example.com",
        "é" * 33 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "a@" + ("b" * 50 + ".") * 5 + "com",
        "a@" + "bücher." * 20 + "com",
        "a" * 64 + "@" + "bücher." * 14 + "com",
        "a@" + "\u00ad" * 300 + "example.com",
        "bob@-example.com",
        "bob@example-.com",
        "bob@example..com",
        "bob@.example.com",
        "bob@example.com.",
        "bob@exam_ple.com",
        "bob@[127.0.0.1]",
        "bob@127.0.0.1",
        "bob@12345",
        "bob@xn--",
        "bob@xn--zzzzzz99999.com",
        "bob@\u2100.com",
        "bob@exam\u3002\u3002ple.com",
        "=?utf-8?q?=0D=0A?=@example.com",
        "bob\uff0ceve\uff20x@example.com",
        "b\u2026b@example.com",
    ],
)
def test_anything_but_one_plain_address_is_refused(email: str) -> None:
    with pytest.raises(Unsafe) as refusal:
        Address(email)
    assert refusal.value.field == "email"


def test_an_international_domain_travels_as_a_labels() -> None:
    assert Address("bob@Bücher.example").wire == "bob@xn--bcher-kva.example"
    assert Address("bob@例え。テスト").wire == "bob@xn--r8jz45g.xn--zckzah"
    assert Address("bob@XN--BCHER-KVA.example").wire == "bob@xn--bcher-kva.example"
    assert not Address("bob@bücher.example").needs_smtputf8


def test_an_international_local_part_keeps_its_domain_and_needs_smtputf8() -> None:
    address = Address("ボブ@xn--bcher-kva.example")
    assert address.wire == "ボブ@bücher.example"
    assert address.needs_smtputf8


def test_the_domain_is_written_in_small_letters_and_the_local_part_as_typed() -> None:
    assert Address("Bob@EXAMPLE.Com").wire == "Bob@example.com"


def test_equal_addresses_are_equal_and_cannot_be_changed() -> None:
    address = Address("bob@example.com", "Bob")
    assert address == Address("bob@example.com", "Bob")
    with pytest.raises(AttributeError):
        address.email = "eve@example.com"  # type: ignore[misc]


@given(st.one_of(st.text(), st.from_regex(r"\S{1,20}@\S{1,20}", fullmatch=True)))
def test_whatever_is_accepted_is_one_harmless_token(email: str) -> None:
    try:
        wire = Address(email).wire
    except Unsafe:
        return
    assert re.fullmatch(r"[^\s<>,;:()\[\]\\\"%!@\x00-\x20\x7f-\x9f]+@[^\s<>,@]+", wire)
    assert len(wire.encode()) <= 254


@given(st.text(alphabet="abcxn-.0é\u00df\u3042\u200d\uff0e\u3002\U0001f600", max_size=30))
def test_any_domain_becomes_a_host_name_or_a_refusal(domain: str) -> None:
    try:
        wire = Address(f"a@{domain}").wire
    except Unsafe:
        return
    assert re.fullmatch(r"a@[a-z0-9]([a-z0-9.-]*[a-z0-9])?", wire)
