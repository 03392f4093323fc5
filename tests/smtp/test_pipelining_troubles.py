"""What comes of the mails before and behind one that is refused or lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sysmail.smtp import (
    Kind,
    Mode,
    Trouble,
    judge,
)
from tests.support.smtp_client import opened, short_at
from tests.support.smtp_script import GARBAGE, Accept, Action, Close, Endless, Raw, Reset, Silence
from tests.support.smtp_streams import (
    kinds,
    mail,
    pipelining,
    script_turn,
    second,
    stream,
)
from tests.support.smtpd import ScriptedSmtp

REFUSALS = ["450 4.2.0 later", "550 5.7.1 never", "550-5.7.1 never\n550 5.7.1 at all"]
ENDS: list[Action] = [Close(), Reset(), Silence(), GARBAGE, Endless(), Close("421 4.3.2 closing")]
NAMES = [str(action)[:14] for action in ENDS]


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with pipelining() as server:
        yield server


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("reply", REFUSALS)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_refusal_is_of_one_mail_and_the_connection_goes_on(
    server: ScriptedSmtp, phase: str, reply: str, position: int
) -> None:
    script_turn(server, phase, reply, position)
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
    with opened(server, short_at("dot")) as session:
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
    script_turn(server, phase, action, 1)
    with opened(server, short_at(phase)) as session:
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
    script_turn(server, phase, Raw(replies), 1)
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


def test_a_refusal_inside_large_content_leaves_the_next_one_stale(server: ScriptedSmtp) -> None:
    server.script("body", "552 5.3.4 too large")
    with opened(server) as session:
        outcomes = stream(session, [mail(0, b"x" * 20_000_000), mail(1)])
    assert kinds(outcomes) == ["dot", "stale"]
    assert isinstance(outcomes[0], Trouble)
    assert judge(outcomes[0], Mode.EXTERNAL).cause == "message_too_large"
    assert server.ledger == []
