"""Deadlines are totals, and memory has a bound, whatever the server does."""

import socket
import threading
import time
import tracemalloc
from ipaddress import ip_address

import pytest

from sysmail.smtp import Kind, Phase, Session
from sysmail.smtp.dialing import dial
from tests.support.smtp_client import (
    PATIENT,
    endpoint_for,
    opened,
    opening_trouble,
    send,
    sending_trouble,
    short_at,
)
from tests.support.smtp_script import Drip, Endless, Silence
from tests.support.smtpd import ScriptedSmtp

SLOW = "250 " + "so slowly that no single read ever takes long " * 4


def test_a_server_that_came_back_from_a_loss_of_power_is_asked_within_a_minute(
    server: ScriptedSmtp,
) -> None:
    with dial([ip_address(server.address)], server.port, 5) as connection:
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 60


@pytest.mark.parametrize("phase", ["greeting", "ehlo", "auth"])
def test_a_drip_holds_no_phase_of_the_opening_beyond_its_deadline(phase: str) -> None:
    with ScriptedSmtp(users={"u": "secret-1"}) as server:
        server.script(phase, Drip(SLOW))
        started = time.monotonic()
        trouble = opening_trouble(server, short_at(phase))
    assert (trouble.phase, trouble.kind) == (phase, Kind.TIMEOUT)
    assert time.monotonic() - started < 1.3


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_a_drip_holds_no_phase_of_a_mail_beyond_its_deadline(
    server: ScriptedSmtp, phase: str
) -> None:
    server.script(phase, Drip(SLOW))
    with opened(server, short_at(phase)) as session:
        started = time.monotonic()
        trouble = sending_trouble(session)
    assert (trouble.phase, trouble.kind) == (phase, Kind.TIMEOUT)
    assert time.monotonic() - started < 1.3


@pytest.mark.parametrize("line", [b"250-and more\r\n", None, b"250-" + b"x" * 500 + b"\r\n"])
def test_an_endless_reply_is_cut_off_in_bounded_memory(
    server: ScriptedSmtp, line: bytes | None
) -> None:
    server.script("dot", Endless(line))
    with opened(server) as session:
        tracemalloc.start()
        trouble = sending_trouble(session)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert trouble.kind is Kind.NOT_SMTP
    assert peak < 4_000_000


def test_a_reply_at_the_limit_is_read(server: ScriptedSmtp) -> None:
    server.script("mail", "\n".join(["250 " + "x" * 600] * 100))
    with opened(server) as session:
        assert send(session)
    assert len(server.ledger) == 1


def test_a_transcript_stays_short(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        for _ in range(60):
            send(session)
        assert len(session.transcript) == 200
    assert len(server.ledger) == 60


def test_another_thread_can_interrupt_a_send(server: ScriptedSmtp) -> None:
    server.script("dot", Silence())
    session = Session(endpoint_for(server), PATIENT)
    assert session.open() is None
    threading.Timer(0.2, session.interrupt).start()
    started = time.monotonic()
    trouble = sending_trouble(session)
    assert (trouble.phase, trouble.kind) == (Phase.DOT, Kind.LOST)
    assert time.monotonic() - started < 2
