"""Which addresses may be dialled, and which names need no asking."""

import ipaddress
import socket

import pytest

from sysmail.smtp import Kind, is_loopback_host, may_dial
from sysmail.smtp.addresses import addresses, ascii_host
from sysmail.smtp.dialing import dial, interleaved
from sysmail.smtp.trouble import Failed
from tests.support.ports import closed_port
from tests.support.smtpd import ScriptedSmtp

NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "ff02::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "::169.254.169.254",
]
INSIDE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
]
OUTSIDE = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_dialled(text: str) -> None:
    assert not may_dial(ipaddress.ip_address(text), private=True)


@pytest.mark.parametrize("text", INSIDE)
def test_addresses_inside_need_the_operators_word(text: str) -> None:
    assert may_dial(ipaddress.ip_address(text), private=True)
    assert not may_dial(ipaddress.ip_address(text), private=False)


@pytest.mark.parametrize("text", OUTSIDE)
def test_public_addresses_may_be_dialled(text: str) -> None:
    assert may_dial(ipaddress.ip_address(text), private=False)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "mail.localhost", "127.0.0.1", "127.3.2.1", "::1", "[::1]"]
)
def test_names_that_mean_this_machine_are_known_without_asking(host: str) -> None:
    assert is_loopback_host(host)
    assert all(ip.is_loopback for ip in addresses(host, private=True))


@pytest.mark.parametrize("host", ["mail.example", "localhost.example", "10.0.0.1", "127.1", ""])
def test_other_names_are_not_this_machine(host: str) -> None:
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    ["invalid", "a.invalid.", "", "x" * 64 + ".example", "a..example", "ü" * 64 + ".example"],
)
def test_names_that_cannot_exist_are_missing(host: str) -> None:
    with pytest.raises(Failed) as caught:
        addresses(host, private=True)
    assert caught.value.kind is Kind.DNS_MISSING


def test_an_international_name_is_asked_for_in_ascii() -> None:
    assert ascii_host("Bücher.example.") == "xn--bcher-kva.example"


def test_a_private_address_is_refused_where_the_operator_denies_it() -> None:
    with pytest.raises(Failed) as caught:
        addresses("10.0.0.1", private=False)
    assert caught.value.kind is Kind.NOT_ALLOWED


def test_families_take_turns() -> None:
    ips = [ipaddress.ip_address(text) for text in ("::1", "::2", "::3", "1.1.1.1")]
    assert [str(ip) for ip in interleaved(ips)] == ["::1", "1.1.1.1", "::2", "::3"]


def test_the_address_that_answers_wins_over_one_that_refuses() -> None:
    with ScriptedSmtp() as server:
        ips = [ipaddress.ip_address(text) for text in ("::1", "127.0.0.1")]
        with dial(ips, server.port, 5) as connection:
            assert connection.getpeername() == ("127.0.0.1", server.port)


def test_every_address_refusing_is_a_refusal() -> None:
    with pytest.raises(Failed) as caught:
        dial([ipaddress.ip_address("127.0.0.1")], closed_port(), 5)
    assert caught.value.kind is Kind.REFUSED


def test_a_full_backlog_ends_at_the_deadline() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        queued = [socket.socket() for _ in range(8)]
        for waiting in queued:
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        try:
            with pytest.raises(Failed) as caught:
                dial([ipaddress.ip_address("127.0.0.1")], deaf.getsockname()[1], 0.3).close()
            assert caught.value.kind is Kind.TIMEOUT
        finally:
            for waiting in queued:
                waiting.close()
