"""TLS is verified, never given up, and its failures have names."""

import socket
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from sysmail import clock
from sysmail.smtp import Accepted, Encryption, Endpoint, Kind, Mode, Phase, Session, judge
from tests.support import smtp_tls
from tests.support.smtp_client import PATIENT, opened, opening_trouble, send, short_at
from tests.support.smtp_script import Close, Delay, Raw, Silence
from tests.support.smtpd import ScriptedSmtp

BAD = {
    "wrong_name": "certificate_wrong_name",
    "expired": "certificate_expired",
    "not_yet_valid": "certificate_not_yet_valid",
    "untrusted": "certificate_untrusted",
}


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_a_trusted_server_gets_mail_under_tls(tls: str) -> None:
    with ScriptedSmtp(tls=tls) as server, opened(server) as session:
        assert isinstance(send(session), Accepted)
        assert session.tls_version == "TLSv1.3"
        assert server.ledger[0].tls


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_protocol_before_1_2_is_too_old() -> None:
    # asyncio drops the alert that tells the client why, so this server is a plain thread.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_shake_one_hand, args=(listener,))
        thread.start()
        endpoint = Endpoint("localhost", listener.getsockname()[1], Encryption.SSL)
        trouble = Session(endpoint, PATIENT).open()
        thread.join(5)
    assert trouble is not None
    assert judge(trouble, Mode.EXTERNAL).cause == "tls_too_old"


def _shake_one_hand(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection, suppress(OSError):
        smtp_tls.old_context().wrap_socket(connection, server_side=True)


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
@pytest.mark.parametrize("certificate", BAD)
def test_each_bad_certificate_is_told_apart(tls: str, certificate: str) -> None:
    with ScriptedSmtp(tls=tls, certificate=certificate) as server:
        trouble = opening_trouble(server)
        assert server.ledger == []
    assert trouble.phase is Phase.TLS
    assert judge(trouble, Mode.EXTERNAL).cause == BAD[certificate]


def test_the_systems_authorities_alone_do_not_trust_ours() -> None:
    with ScriptedSmtp(tls="ssl") as server:
        trouble = opening_trouble(server, ca_file=None)
    assert trouble.kind is Kind.TLS_UNTRUSTED


def test_a_ca_file_that_cannot_be_read_trusts_nobody() -> None:
    with ScriptedSmtp(tls="ssl") as server:
        trouble = opening_trouble(server, ca_file="/nowhere/ca.pem")
    assert trouble.kind is Kind.TLS_UNTRUSTED


def test_an_address_is_verified_as_an_address() -> None:
    with ScriptedSmtp(tls="ssl") as server, opened(server, host="127.0.0.1") as session:
        assert session.tls_version


@pytest.mark.parametrize("injected", [b"220 go\r\n250 injected\r\n", b"220 go\r\n2"])
def test_text_injected_before_the_handshake_ends_the_connection(injected: bytes) -> None:
    with ScriptedSmtp(tls="starttls") as server:
        server.script("starttls", Raw(injected))
        trouble = opening_trouble(server)
        assert [line.split()[0] for line in server.commands] == ["EHLO", "STARTTLS"]
    assert (trouble.phase, trouble.kind) == (Phase.TLS, Kind.TLS_FAILED)


@pytest.mark.parametrize("action", [Close(), Silence(), Raw(b"hello\r\n")])
def test_a_handshake_broken_off_is_transient(action: Close | Silence | Raw) -> None:
    with ScriptedSmtp(tls="starttls") as server:
        server.script("tls", Delay(0.1, action))
        trouble = opening_trouble(server, short_at("tls"))
    assert trouble.phase is Phase.TLS
    assert judge(trouble, Mode.EXTERNAL).cause == "tls_failed"


def test_text_where_tls_was_due_proves_the_wrong_encryption(server: ScriptedSmtp) -> None:
    trouble = opening_trouble(server, encryption=Encryption.SSL)
    assert (trouble.phase, trouble.kind) == (Phase.TLS, Kind.MISMATCH)


def test_tls_bytes_where_text_was_due_prove_the_wrong_encryption(server: ScriptedSmtp) -> None:
    server.script("greeting", Raw(b"\x15\x03\x01\x00\x02\x02\x0a"))
    trouble = opening_trouble(server)
    assert (trouble.phase, trouble.kind) == (Phase.GREETING, Kind.MISMATCH)


@pytest.mark.parametrize("encryption", [Encryption.PLAIN, Encryption.STARTTLS])
def test_a_silent_server_is_asked_whether_it_speaks_tls(encryption: Encryption) -> None:
    with ScriptedSmtp(tls="ssl") as server:
        deadlines = replace(PATIENT, silence=0.2)
        trouble = opening_trouble(server, deadlines, encryption=encryption)
    assert (trouble.phase, trouble.kind) == (Phase.GREETING, Kind.MISMATCH)


def test_a_slow_greeting_is_awaited_after_the_question(server: ScriptedSmtp) -> None:
    server.script("greeting", Delay(0.5))
    with opened(server, replace(PATIENT, silence=0.1)) as session:
        assert session.is_open
    assert server.connections == 2


@pytest.mark.parametrize("tls", ["ssl", "starttls"])
def test_a_second_connection_resumes_the_tls_of_the_first(tls: str) -> None:
    with ScriptedSmtp(tls=tls) as server:
        assert [_is_resumed(server) for _ in range(3)] == [False, True, True]


def test_nothing_is_resumed_for_another_trust(tmp_path: Path) -> None:
    other = tmp_path / "ca.pem"
    with ScriptedSmtp(tls="ssl") as server:
        other.write_bytes(Path(server.ca_file).read_bytes())
        assert not _is_resumed(server)
        assert not _is_resumed(server, ca_file=str(other))
        assert not _is_resumed(server, host="127.0.0.1")
        trouble = opening_trouble(server, ca_file=None)
    assert trouble.kind is Kind.TLS_UNTRUSTED


def test_after_an_hour_the_certificate_is_verified_again() -> None:
    with ScriptedSmtp(tls="ssl") as server:
        assert not _is_resumed(server)
        with time_machine.travel(clock.now() + timedelta(minutes=61)):
            assert not _is_resumed(server)


def test_a_server_that_forgot_the_session_is_met_anew() -> None:
    with ScriptedSmtp(tls="ssl") as server:
        assert not _is_resumed(server)
        port = server.port
    smtp_tls.server_context.cache_clear()
    with ScriptedSmtp(tls="ssl", port=port) as server:
        assert [_is_resumed(server) for _ in range(2)] == [False, True]


def _is_resumed(server: ScriptedSmtp, **changes: object) -> bool:
    with opened(server, **changes) as session:
        assert isinstance(send(session), Accepted)
        return "* TLSv1.3 resumed" in session.transcript
