"""All addresses of a host are tried at once, and each is told apart."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from sysmail.smtp.surveying import Tried, survey, worst
from sysmail.smtp.trouble import Kind
from tests.support.ports import closed_port
from tests.support.smtpd import ScriptedSmtp


@contextmanager
def deaf(address: str) -> Iterator[int]:
    """A port whose queue is full, so that the system answers nobody else."""
    with socket.socket() as listener:
        listener.bind((address, 0))
        listener.listen(0)
        callers = [socket.socket() for _ in range(3)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for caller in callers:
            caller.close()


def test_each_address_has_its_own_answer() -> None:
    with ScriptedSmtp() as server:
        ips = [ip_address(text) for text in ("::1", "127.0.0.2", "127.0.0.1")]
        connection, tried = survey(ips, server.port, 2)
        assert connection is not None
        assert connection.getpeername()[0] == "127.0.0.1"
        connection.close()
    assert {one.address: one.kind for one in tried} == {
        "::1": Kind.REFUSED,
        "127.0.0.2": Kind.REFUSED,
        "127.0.0.1": None,
    }


def test_a_dead_address_holds_nobody_up_once_another_has_answered() -> None:
    with deaf("127.0.0.2") as port, ScriptedSmtp(port=port):
        began = time.monotonic()
        connection, tried = survey([ip_address("127.0.0.2"), ip_address("127.0.0.1")], port, 30)
        assert time.monotonic() - began < 3
        assert connection is not None
        connection.close()
    assert {one.address: one.kind for one in tried}["127.0.0.2"] is Kind.TIMEOUT


def test_nobody_answers_within_the_time() -> None:
    with deaf("127.0.0.1") as port:
        began = time.monotonic()
        connection, [one] = survey([ip_address("127.0.0.1")], port, 0.3)
        assert time.monotonic() - began < 2
    assert (connection, one.kind) == (None, Kind.TIMEOUT)


def test_a_farm_is_not_knocked_at_as_a_whole() -> None:
    ips = [ip_address(f"127.0.0.{number}") for number in range(1, 30)]
    _, tried = survey(ips, closed_port(), 2)
    assert [one.address for one in tried] == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]


def test_an_answer_of_no_tells_more_than_silence() -> None:
    silent, refused = Tried("a", Kind.TIMEOUT, 1), Tried("b", Kind.REFUSED, 1)
    assert worst([silent, refused]) is Kind.REFUSED
    assert worst([Tried("c", Kind.UNREACHABLE, 1), silent]) is Kind.TIMEOUT
