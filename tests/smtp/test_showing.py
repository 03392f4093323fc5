"""What a server shows that is not trusted can be looked at, and nothing is said through it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from sysmail.smtp import shown
from tests.support.ports import closed_port
from tests.support.smtp_client import PATIENT, endpoint_for, short_at
from tests.support.smtp_script import Silence
from tests.support.smtpd import ScriptedSmtp

LOOPBACK = ip_address("127.0.0.1")
USERS = {"portal@example.com": "open sesame"}


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_the_chain_is_told_with_the_servers_own_first(tls: str) -> None:
    with ScriptedSmtp(tls=tls, certificate="company", users=USERS) as server:
        own, authority = shown(LOOPBACK, endpoint_for(server), PATIENT)
        said = [line.split()[0] for line in server.commands]
    assert "localhost" in own.names
    assert own.issuer == authority.subject
    assert "AUTH" not in said


def test_a_lone_certificate_has_no_authority_beside_it() -> None:
    with ScriptedSmtp(tls="ssl", certificate="untrusted") as server:
        [own] = shown(LOOPBACK, endpoint_for(server), PATIENT)
    assert len(own.fingerprint) == 64


def test_a_server_that_shows_none_is_no_trouble() -> None:
    with ScriptedSmtp(tls="starttls") as server:
        server.script("starttls", "454 4.7.0 not now")
        assert shown(LOOPBACK, endpoint_for(server), PATIENT) == ()
        server.script("greeting", Silence())
        assert shown(LOOPBACK, endpoint_for(server), short_at("greeting")) == ()
        endpoint = endpoint_for(server, port=closed_port())
    assert shown(LOOPBACK, endpoint, PATIENT) == ()
