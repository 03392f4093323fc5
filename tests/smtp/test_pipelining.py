"""Mail after mail in one round trip each, and what comes of the rest when one is refused."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from sysmail.smtp import (
    Accepted,
    Encryption,
    Endpoint,
    Kind,
    Mail,
    Mode,
    Session,
    Trouble,
    judge,
)
from tests.support.smtp_client import MAIL, PATIENT, SHORT, opened, send
from tests.support.smtp_script import GARBAGE, Accept, Action, Close, Endless, Raw, Reset, Silence
from tests.support.smtp_streams import Outcome, mail, pipelining, pulling, stream
from tests.support.smtpd import ScriptedSmtp

REFUSALS = ["450 4.2.0 later", "550 5.7.1 never", "550-5.7.1 never\n550 5.7.1 at all"]
ENDS: list[Action] = [Close(), Reset(), Silence(), GARBAGE, Endless(), Close("421 4.3.2 closing")]
NAMES = [str(action)[:14] for action in ENDS]


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with pipelining() as server:
        yield server


def kinds(outcomes: list[Outcome]) -> list[str]:
    """ "accepted", "stale", or the phase of the trouble."""
    return [
        "accepted" if isinstance(it, Accepted) else "stale" if it.stale else it.phase.value
        for it in outcomes
    ]


def second(argument: str) -> bool:
    return "1@example.com" in argument


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


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("reply", REFUSALS)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_refusal_is_of_one_mail_and_the_connection_goes_on(
    server: ScriptedSmtp, phase: str, reply: str, position: int
) -> None:
    _script(server, phase, reply, position)
    with opened(server) as session:
        outcomes = stream(session, map(mail, range(3)))
        assert session.reusable
    wanted = ["accepted"] * 3
    wanted[position] = phase
    assert kinds(outcomes) == wanted
    refused = outcomes[position]
    assert isinstance(refused, Trouble)
    assert refused.reply is not None
    assert refused.reply.code == int(reply[:3])
    assert server.connections == 1
    assert [it.raw for it in server.ledger] == [mail(n).data for n in range(3) if n != position]


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_refusals_of_all_mails_keep_the_connection(server: ScriptedSmtp, phase: str) -> None:
    server.script(phase, "550 5.7.1 never")
    with opened(server) as session:
        assert kinds(stream(session, map(mail, range(5)))) == [phase] * 5
        assert session.reusable
    assert server.ledger == []


def test_a_lone_dot_answers_354_where_no_recipient_was_accepted(server: ScriptedSmtp) -> None:
    server.script("rcpt", "550 5.1.1 no such user", when=second)
    server.script("data", "354 go on all the same")
    with opened(server) as session:
        assert kinds(stream(session, map(mail, range(3)))) == ["accepted", "rcpt", "accepted"]
        assert session.transcript.count("C: .") == 3
    assert [it.rcpt_to for it in server.ledger] == [("to0@example.com",), ("to2@example.com",)]
    assert server.connections == 1


def test_no_dot_at_all_where_a_recipient_was_accepted_after_a_refused_sender(
    server: ScriptedSmtp,
) -> None:
    server.script("mail", "550 5.7.1 not you", when=second)
    server.script("rcpt", "250 2.1.5 ok")
    server.script("data", "354 go on")
    with opened(server) as session:
        outcomes = stream(session, map(mail, range(3)))
        assert not session.is_open
    assert kinds(outcomes) == ["accepted", "mail"]
    assert [it.raw for it in server.ledger] == [mail(0).data]


@pytest.mark.parametrize("action", ENDS, ids=NAMES)
def test_what_follows_a_lost_dot_is_stale_and_the_dot_uncertain(
    server: ScriptedSmtp, action: Action
) -> None:
    server.script("dot", Accept(action), when=second)
    with opened(server, SHORT) as session:
        outcomes = stream(session, map(mail, range(4)))
        assert not session.is_open
    assert kinds(outcomes) == ["accepted", "dot", "stale"]
    lost = outcomes[1]
    assert isinstance(lost, Trouble)
    said_421 = isinstance(action, Close) and bool(action.text)
    uncertain = judge(lost, Mode.EXTERNAL).klass == "uncertain"
    assert uncertain == (lost.reply is None) == (not said_421)
    assert [it.raw for it in server.ledger] == [mail(0).data, mail(1).data]


@pytest.mark.parametrize("action", ENDS, ids=NAMES)
@pytest.mark.parametrize("phase", ["mail", "rcpt", "data"])
def test_a_connection_that_ends_before_the_dot_has_no_mail(
    server: ScriptedSmtp, phase: str, action: Action
) -> None:
    _script(server, phase, action, 1)
    with opened(server, SHORT) as session:
        outcomes = stream(session, map(mail, range(4)))
        assert not session.is_open
    gone = action not in (GARBAGE, Endless())
    assert kinds(outcomes) == ["accepted", "stale" if phase == "mail" and gone else phase]
    assert [it.raw for it in server.ledger] == [mail(0).data]


@pytest.mark.parametrize("phase", ["rcpt", "data"])
def test_a_refusal_counts_although_the_connection_ends_behind_it(
    server: ScriptedSmtp, phase: str
) -> None:
    server.script("mail", "550 5.7.1 never")
    server.script(phase, Close("421 4.7.0 enough"))
    with opened(server) as session:
        [outcome] = stream(session, map(mail, range(2)))
        assert not session.is_open
    assert isinstance(outcome, Trouble)
    assert str(outcome.reply) == "550 5.7.1 never"
    assert not outcome.stale


def test_a_connection_closed_between_two_streams_is_stale(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        assert kinds(stream(session, [mail(0)])) == ["accepted"]
        server.drop_connections()
        assert kinds(stream(session, [mail(1), mail(2)])) == ["stale"]


@pytest.mark.parametrize(
    ("phase", "replies"),
    [
        ("mail", b"250 ok\r\n250 one too many\r\n"),
        ("rcpt", b"250 ok\r\n250 one too many\r\n"),
        ("data", b"354 go on\r\n250 one too many\r\n"),
    ],
)
def test_a_reply_too_many_is_never_taken_for_the_dots(
    server: ScriptedSmtp, phase: str, replies: bytes
) -> None:
    _script(server, phase, Raw(replies), 1)
    with opened(server) as session:
        outcomes = stream(session, map(mail, range(3)))
    assert kinds(outcomes)[:2] == ["accepted", "data"]
    assert [it.raw for it in server.ledger] == [mail(0).data]


def test_where_the_dot_is_not_wanted_neither_this_nor_the_next_mail_leaves(
    server: ScriptedSmtp,
) -> None:
    mails = [mail(0), mail(1, before_dot=lambda: False), mail(2), mail(3)]
    with opened(server) as session:
        outcomes = stream(session, mails)
        assert not session.is_open
    assert kinds(outcomes) == ["accepted", "local", "stale"]
    assert isinstance(outcomes[1], Trouble)
    assert outcomes[1].kind is Kind.ABANDONED
    assert [it.raw for it in server.ledger] == [mail(0).data]


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


def test_a_refusal_inside_large_content_leaves_the_next_one_stale(server: ScriptedSmtp) -> None:
    server.script("body", "552 5.3.4 too large")
    with opened(server) as session:
        outcomes = stream(session, [mail(0, b"x" * 20_000_000), mail(1)])
    assert kinds(outcomes) == ["dot", "stale"]
    assert isinstance(outcomes[0], Trouble)
    assert judge(outcomes[0], Mode.EXTERNAL).cause == "message_too_large"
    assert server.ledger == []


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


def _script(server: ScriptedSmtp, phase: str, action: Action, position: int) -> None:
    """DATA and the dot do not name their mail: MAIL tells whose turn it is."""
    turn = [-1]

    def count(_argument: str) -> bool:
        turn[0] += 1
        return phase == "mail" and turn[0] == position

    server.script("mail", action, when=count)
    if phase != "mail":
        server.script(phase, action, when=lambda _: turn[0] == position)
