"""The connection breaks in the write that holds one mail's dot and the next mail's commands."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from sysmail.smtp import Accepted, Kind, Mode, Phase, Session, Trouble, judge
from tests.support.smtp_client import PATIENT, endpoint_for
from tests.support.smtp_script import Accept, Reset, Silence
from tests.support.smtp_streams import carry, kinds, mail, pipelining, second, stream
from tests.support.smtpd import ScriptedSmtp

DOT = b"\r\n.\r\n"
CONTENT = b"Message-ID: <0@example.com>\r\n\r\n"
# A write of so many octets goes to the system in one piece; what is beyond is a further one.
ONE_PIECE = 16 * 1024


class Cut(socket.socket):
    """A connection that breaks so many octets behind the first dot it carries."""

    left: int | None = None
    behind = 0
    how = socket.SHUT_WR

    def send(self, data: bytes, *flags: int) -> int:  # type: ignore[override]
        if self.left is None and (end := bytes(data).find(DOT)) >= 0:
            self.left = end + len(DOT) + self.behind
        if self.left is None:
            return super().send(data, *flags)
        if self.left == 0:
            self.shutdown(self.how)
            raise ConnectionResetError
        sent = super().send(data[: self.left], *flags)
        self.left -= sent
        return sent


class CutSession(Session):
    """A session over such a connection."""

    def cut(self, behind: int, how: int = socket.SHUT_WR) -> None:
        """With SHUT_RDWR the server's answer is lost too."""
        assert self._talk is not None
        cut = Cut(fileno=self._talk.stream.connection.detach())
        cut.behind, cut.how = behind, how
        self._talk.stream.connection = cut


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with pipelining() as server:
        yield server


@pytest.mark.parametrize(("behind", "next_one"), [(0, "stale"), (1, "stale"), (40, "rcpt")])
def test_a_write_that_breaks_behind_the_dot_is_judged_by_the_reply(
    server: ScriptedSmtp, behind: int, next_one: str
) -> None:
    session = CutSession(endpoint_for(server), PATIENT)
    assert session.open() is None
    session.cut(behind)
    outcomes = stream(session, map(mail, range(3)))
    assert kinds(outcomes) == ["accepted", next_one]
    assert [it.raw for it in server.ledger] == [mail(0).data]
    rest = carry(server, map(mail, range(1, 3)))
    assert {type(it) for it in rest.outcomes.values()} == {Accepted}
    assert [it.raw for it in server.ledger] == [mail(n).data for n in range(3)]


@pytest.mark.parametrize("behind", [0, 1, 40])
def test_a_write_that_breaks_behind_the_dot_and_no_reply_is_a_doubt_and_no_second_copy(
    server: ScriptedSmtp, behind: int
) -> None:
    server.script("dot", Accept(Silence()), times=1)
    session = CutSession(endpoint_for(server), PATIENT)
    assert session.open() is None
    session.cut(behind, socket.SHUT_RDWR)
    outcomes = stream(session, map(mail, range(3)))
    assert kinds(outcomes) == ["dot", "stale"]
    assert_in_doubt(outcomes[0])
    carry(server, map(mail, range(1, 3)))
    assert [it.raw for it in server.ledger] == [mail(n).data for n in range(3)]


def test_a_write_that_breaks_before_the_dot_leaves_the_mail_unsent(server: ScriptedSmtp) -> None:
    session = CutSession(endpoint_for(server), PATIENT)
    assert session.open() is None
    session.cut(behind=-1)
    outcomes = stream(session, map(mail, range(3)))
    assert kinds(outcomes) == ["data", "stale"]
    assert server.ledger == []


def test_a_server_that_resets_behind_the_dot_leaves_a_doubt_and_no_second_copy(
    server: ScriptedSmtp,
) -> None:
    """The dot ends the first piece of the write, so that the reset may overtake the second."""
    content = CONTENT + b"x" * (ONE_PIECE - len(CONTENT) - len(DOT)) + b"\r\n"
    assert len(content) + len(DOT[2:]) == ONE_PIECE
    server.script("dot", Accept(Reset()), when=lambda it: not second(it), times=1)
    result = carry(server, [mail(0, content), mail(1), mail(2)])
    assert_in_doubt(result.outcomes["to0@example.com"])
    assert server.ledger[0].raw == content
    assert [it.rcpt_to for it in server.ledger] == [(f"to{n}@example.com",) for n in range(3)]


def assert_in_doubt(outcome: Accepted | Trouble) -> None:
    assert isinstance(outcome, Trouble)
    assert (outcome.phase, outcome.kind, outcome.reply) == (Phase.DOT, Kind.LOST, None)
    assert judge(outcome, Mode.EXTERNAL).klass == "uncertain"
