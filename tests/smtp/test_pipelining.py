"""Mail after mail over one connection, in one round trip each."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from sysmail.smtp import (
    Accepted,
    Encryption,
    Endpoint,
    Mail,
    Session,
)
from tests.support.smtp_client import MAIL, PATIENT, opened, send
from tests.support.smtp_streams import (
    kinds,
    mail,
    pipelining,
    pulling,
    second,
    stream,
)
from tests.support.smtpd import ScriptedSmtp


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with pipelining() as server:
        yield server


def test_the_next_mail_is_announced_in_the_write_of_the_last_dot() -> None:
    answers = [b"220 hi\r\n", b"250-hi\r\n250 PIPELINING\r\n"]
    answers += [b"250 ok\r\n250 ok\r\n354 go\r\n"]
    answers += [b"250 queued\r\n250 ok\r\n250 ok\r\n354 go\r\n", b"250 queued\r\n", b"221 bye\r\n"]
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer, args=(listener, answers, heard))
        thread.start()
        endpoint = Endpoint("127.0.0.1", listener.getsockname()[1], Encryption.PLAIN)
        with Session(endpoint, PATIENT) as session:
            assert session.open() is None
            assert kinds(stream(session, [mail(0), mail(1)])) == ["accepted"] * 2
        thread.join(5)
    announced = [
        b"MAIL FROM:<from%d@example.com>\r\nRCPT TO:<to%d@example.com>\r\nDATA\r\n" % (n, n)
        for n in (0, 1)
    ]
    first, last = (mail(n).data.replace(b"\r\n.", b"\r\n..") for n in (0, 1))
    assert heard[1] == announced[0]
    assert heard[2] == first + b".\r\n" + announced[1]
    assert heard[3] == last + b".\r\n"
    assert heard[4] == b"QUIT\r\n"


def _answer(listener: socket.socket, answers: list[bytes], heard: list[bytes]) -> None:
    connection, _ = listener.accept()
    with connection:
        for answer in answers:
            connection.sendall(answer)
            heard.append(connection.recv(65536))


def test_many_mails_travel_whole_and_in_order(server: ScriptedSmtp) -> None:
    mails = [mail(n, MAIL + b".x\r\n" * (n * 700)) for n in range(20)]
    with opened(server) as session:
        assert kinds(stream(session, mails)) == ["accepted"] * 20
    assert [it.raw for it in server.ledger] == [it.data for it in mails]
    assert [it.rcpt_to for it in server.ledger] == [(it.rcpt_to,) for it in mails]
    assert server.connections == 1


def test_a_single_mail_is_announced_at_once_too(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        assert isinstance(send(session), Accepted)
        assert isinstance(send(session), Accepted)
        assert session.reusable
    assert len(server.ledger) == 2


def test_pipelining_goes_on_under_tls_and_after_a_login() -> None:
    with pipelining(tls="starttls", users={"portal": "secret-1"}) as server:
        with opened(server) as session:
            assert kinds(stream(session, map(mail, range(5)))) == ["accepted"] * 5
            assert "secret-1" not in "\n".join(session.transcript)
        assert all(it.tls and it.auth_user == "portal" for it in server.ledger)


def test_a_mail_the_server_cannot_take_is_left_out_of_the_pipeline() -> None:
    with pipelining(size=1000, smtputf8=False) as server, opened(server) as session:
        mails = [mail(n) for n in range(6)]
        mails[1].data *= 100
        mails[3].rcpt_to = "jürgen@example.com"
        mails[5].rcpt_to = "a@example.com>\r\nRCPT TO:<b@example.com"
        outcomes = stream(session, mails)
        assert session.reusable
        wanted = ["accepted", "mail", "accepted", "mail", "accepted", "local"]
        assert kinds(outcomes) == wanted
        assert len(server.ledger) == 3


def test_a_dot_does_not_wait_for_a_next_mail(server: ScriptedSmtp) -> None:
    ready: list[Mail | None] = [mail(0), None, mail(1), mail(2), None, None]
    with opened(server) as session:
        outcomes = [outcome for _, outcome in session.stream(lambda: ready.pop(0))]
    assert kinds(outcomes) == ["accepted"] * 3
    assert ready == []


def test_large_and_small_mails_follow_each_other(server: ScriptedSmtp) -> None:
    sizes = [10, 16_300, 16_384, 16_500, 400_000, 10, 400_000]
    mails = [mail(n, b"x" * size + b"\r\n") for n, size in enumerate(sizes)]
    with opened(server) as session:
        assert kinds(stream(session, mails)) == ["accepted"] * len(sizes)
    assert [it.raw for it in server.ledger] == [it.data for it in mails]


def test_an_iterator_left_alone_drops_the_connection(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        outcomes = session.stream(pulling([mail(0), mail(1)]))
        next(outcomes)
        outcomes.close()  # type: ignore[attr-defined]
        assert not session.is_open
    assert len(server.ledger) == 1


def test_without_pipelining_each_command_waits_for_its_reply() -> None:
    with ScriptedSmtp() as server, opened(server) as session:
        server.script("rcpt", "550 5.1.1 no", when=second)
        assert kinds(stream(session, map(mail, range(3)))) == ["accepted", "rcpt", "accepted"]
        verbs = [line.split()[0] for line in server.commands]
    one = ["MAIL", "RCPT", "DATA"]
    assert verbs == ["EHLO", *one, "MAIL", "RCPT", "RSET", *one]


def test_a_transcript_tells_the_order_in_which_things_were_said(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        stream(session, [mail(0), mail(1)])
        told = [line[:8].strip() for line in session.transcript[-16:]]
    assert (
        told
        == [
            *("C: MAIL", "C: RCPT", "C: DATA", "S: 250 2", "S: 250 2", "S: 354 g"),
            *("C: (52 o", "C: .", "C: MAIL", "C: RCPT", "C: DATA"),
            *("S: 250 2", "S: 250 2", "S: 250 2", "S: 354 g"),
            *("C: (52 o", "C: .", "S: 250 2"),
        ][-16:]
    )
