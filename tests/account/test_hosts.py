"""Mail server names have one normal form."""

from __future__ import annotations

import pytest

from sysmail.account.hosts import (
    BadHost,
    is_loopback,
    is_never_dialled,
    is_private,
    normalise,
)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("smtp.example.com", "smtp.example.com"),
        ("SMTP.Example.COM.", "smtp.example.com"),
        ("  smtp.example.com ", "smtp.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("メール.example.", "xn--4dkua4c.example"),
        ("mailhost", "mailhost"),
        ("mail_server", "mail_server"),
        ("mx.corp.internal", "mx.corp.internal"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8:0:0::9", "2001:db8::9"),
        ("[::1]", "::1"),
    ],
)
def test_a_host_is_normalised(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


@pytest.mark.parametrize(
    "typed",
    [
        "",
        ".",
        "smtp example.com",
        "smtp..example.com",
        "-smtp.example.com",
        "smtp.example.com:25",
        "https://smtp.example.com",
        "a@example.com",
        "127.1",
        "0x7f000001",
        "1.2.3.999",
        "fe80::1%eth0",
        "smtp.example.com\r\nRCPT",
        "a" * 64 + ".example",
        "xn--lckwf7cb" * 30,
        "ex\u202eample.com",
    ],
)
def test_what_is_no_host_is_refused(typed: str) -> None:
    with pytest.raises(BadHost):
        normalise(typed)


@pytest.mark.parametrize("host", ["localhost", "mail.localhost", "127.0.0.9", "::1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)
    assert is_private(host)


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.3.4", "fd00::1", "::ffff:10.0.0.1"])
def test_an_intranet_address_is_private_but_not_loopback(host: str) -> None:
    assert is_private(normalise(host))
    assert not is_loopback(normalise(host))


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::"])
def test_metadata_multicast_and_unspecified_are_never_dialled(host: str) -> None:
    assert is_never_dialled(host)


def test_a_name_and_a_public_address_are_neither() -> None:
    for host in ("smtp.example.com", "8.8.8.8"):
        assert not is_private(host)
        assert not is_never_dialled(host)
