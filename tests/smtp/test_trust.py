"""A company authority or one pinned certificate is trusted; whoever shows neither is not."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
import trustme

from sysmail.smtp import (
    Accepted,
    BadCertificate,
    Kind,
    Phase,
    Trust,
    read_certificates,
    read_fingerprint,
)
from tests.support import smtp_tls
from tests.support.smtp_client import opened, opening_trouble, send
from tests.support.smtpd import ScriptedSmtp

COMPANY = smtp_tls.authority().cert_pem.bytes().decode()
ANOTHER = trustme.CA().cert_pem.bytes().decode()


def fingerprint_of(server: ScriptedSmtp) -> str:
    shown = ssl.get_server_certificate(("127.0.0.1", server.port))
    return read_fingerprint(shown)


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_pain_12_a_companys_authority_is_trusted_beside_the_systems(tls: str) -> None:
    with ScriptedSmtp(tls=tls) as server:
        trust = Trust(ANOTHER + COMPANY)
        with opened(server, ca_file=None, trust=trust) as session:
            assert isinstance(send(session), Accepted)


def test_an_intermediate_authority_is_trusted_without_its_root() -> None:
    with ScriptedSmtp(tls="ssl", certificate="by_middle") as server:
        trust = Trust(smtp_tls.middle().cert_pem.bytes().decode())
        with opened(server, ca_file=None, trust=trust) as session:
            assert session.certificate is not None
            assert session.certificate.issuer == read_certificates(trust.authorities)[0].subject


@pytest.mark.parametrize(
    ("certificate", "kind"),
    [
        ("wrong_name", Kind.TLS_WRONG_NAME),
        ("expired", Kind.TLS_EXPIRED),
        ("untrusted", Kind.TLS_UNTRUSTED),
    ],
)
def test_a_companys_authority_does_not_excuse_a_wrong_certificate(
    certificate: str, kind: Kind
) -> None:
    with ScriptedSmtp(tls="ssl", certificate=certificate) as server:
        trouble = opening_trouble(server, ca_file=None, trust=Trust(COMPANY))
    assert (trouble.phase, trouble.kind) == (Phase.TLS, kind)


@pytest.mark.parametrize("certificate", ["good", "wrong_name", "expired", "untrusted"])
def test_a_pinned_certificate_is_trusted_whatever_it_says(certificate: str) -> None:
    with ScriptedSmtp(tls="ssl", certificate=certificate) as server:
        trust = Trust(fingerprint=fingerprint_of(server))
        with opened(server, ca_file=None, trust=trust) as session:
            assert isinstance(send(session), Accepted)


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_no_other_certificate_than_the_pinned_is_trusted_even_a_good_one(tls: str) -> None:
    with ScriptedSmtp(users={"u": "hunter22"}, tls=tls) as server:
        trouble = opening_trouble(server, trust=Trust(fingerprint="0" * 64))
        assert server.login_attempts == 0
    assert (trouble.phase, trouble.kind) == (Phase.TLS, Kind.TLS_UNTRUSTED)
    assert trouble.detail == "another certificate than the pinned"


def test_an_authority_that_cannot_be_read_trusts_nobody() -> None:
    with ScriptedSmtp(tls="ssl") as server:
        trouble = opening_trouble(server, trust=Trust("-----BEGIN CERTIFICATE-----"))
    assert trouble.kind is Kind.TLS_UNTRUSTED


def test_nothing_is_resumed_under_another_trust() -> None:
    with ScriptedSmtp(tls="ssl") as server:
        pin = fingerprint_of(server)
        trusts = [Trust(COMPANY), Trust(COMPANY), Trust(fingerprint=pin), Trust(fingerprint=pin)]
        assert [_is_resumed(server, trust) for trust in trusts] == [False, True, False, True]
        assert opening_trouble(server, ca_file=None).kind is Kind.TLS_UNTRUSTED
        other = Trust(fingerprint="0" * 64)
        assert opening_trouble(server, trust=other).kind is Kind.TLS_UNTRUSTED


def _is_resumed(server: ScriptedSmtp, trust: Trust) -> bool:
    with opened(server, ca_file=None, trust=trust) as session:
        assert isinstance(send(session), Accepted)
        return "* TLSv1.3 resumed" in session.transcript


def test_certificates_are_read_as_tools_and_people_paste_them() -> None:
    [read] = read_certificates(f"subject=CN = x\n{COMPANY}\nbye")
    digits = read.fingerprint
    assert read.expires_at > read.begins_at
    pairs = ":".join(digits[n : n + 2] for n in range(0, 64, 2)).upper()
    for pasted in (digits, pairs, f"SHA256 Fingerprint={pairs}", f"sha256:{digits}", COMPANY):
        assert read_fingerprint(pasted) == digits


@pytest.mark.parametrize("read", [read_certificates, read_fingerprint])
@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "hello",
        "0" * 40,
        "0" * 65,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        trustme.CA().issue_cert("x").private_key_and_cert_chain_pem.bytes().decode(),
    ],
    ids=["nothing", "a word", "too short", "too long", "no certificate inside", "with its key"],
)
def test_what_is_no_certificate_is_refused(read: Callable[[str], object], pasted: str) -> None:
    with pytest.raises(BadCertificate):
        read(pasted)
