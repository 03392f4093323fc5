"""One mail after another, and every way in which one can fail from MAIL on."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sysmail.smtp import Accepted, Kind, Mode, Phase, Trouble, judge
from tests.support.smtp_client import (
    MAIL,
    PATIENT,
    RECIPIENT,
    SENDER,
    opened,
    send,
    sending_trouble,
    short_at,
)
from tests.support.smtp_script import GARBAGE, Accept, Action, Close, Endless, Reset, Silence
from tests.support.smtpd import ScriptedSmtp

FAULTS: list[tuple[Action, Kind]] = [
    (Close(), Kind.LOST),
    (Reset(), Kind.LOST),
    (Silence(), Kind.TIMEOUT),
    (GARBAGE, Kind.NOT_SMTP),
    (Endless(), Kind.NOT_SMTP),
    ("334 out of place", Kind.NOT_SMTP),
]
NAMES = [f"{kind}-{str(action)[:12]}" for action, kind in FAULTS]


def test_two_mails_travel_over_one_connection(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        outcomes = [send(session), send(session)]
        assert session.reusable
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert server.connections == 1
    assert [mail.raw for mail in server.ledger] == [MAIL, MAIL]
    assert server.ledger[0].helo == "portal.example"
    assert server.commands[-1] == "QUIT"


def test_an_acceptance_names_server_reply_and_tls() -> None:
    with ScriptedSmtp(tls="starttls") as server, opened(server) as session:
        outcome = send(session)
    assert isinstance(outcome, Accepted)
    assert (outcome.host, outcome.port, outcome.tls) == ("localhost", server.port, "TLSv1.3")
    assert str(outcome.reply) == "250 2.0.0 queued"
    assert 0 <= outcome.milliseconds < 5000


@pytest.mark.parametrize(("action", "kind"), FAULTS, ids=NAMES)
@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_each_fault_from_mail_on_drops_the_connection(
    server: ScriptedSmtp, phase: str, action: Action, kind: Kind
) -> None:
    server.script(phase, action)
    with opened(server, short_at(phase)) as session:
        trouble = sending_trouble(session)
        assert not session.is_open
    assert (trouble.phase, trouble.kind, trouble.reply) == (phase, kind, None)
    assert server.ledger == []


@pytest.mark.parametrize(("action", "kind"), FAULTS, ids=NAMES)
def test_what_is_lost_after_the_dot_is_uncertain(
    server: ScriptedSmtp, action: Action, kind: Kind
) -> None:
    server.script("dot", Accept(action))
    with opened(server, short_at("dot")) as session:
        verdict = judge(sending_trouble(session), Mode.EXTERNAL)
    assert (verdict.klass, verdict.cause) == ("uncertain", "no_answer_after_data")
    assert len(server.wait_for(1)) == 1


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("reply", ["450 4.2.0 later", "550 5.7.1 never"])
def test_after_a_refusal_the_connection_carries_the_next_mail(
    server: ScriptedSmtp, phase: str, reply: str
) -> None:
    server.script(phase, reply, times=1)
    with opened(server) as session:
        trouble = sending_trouble(session)
        assert isinstance(send(session), Accepted)
    assert trouble.phase == phase
    assert str(trouble.reply) == reply
    assert server.connections == 1
    assert len(server.ledger) == 1
    assert ("RSET" in server.commands) == (phase != "dot")


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_421_ends_the_connection(server: ScriptedSmtp, phase: str) -> None:
    server.script(phase, "421 4.3.2 closing")
    with opened(server) as session:
        trouble = sending_trouble(session)
        assert not session.is_open
    assert judge(trouble, Mode.EXTERNAL).cause == "refused_for_now"
    assert not trouble.stale


def test_any_2xx_is_an_acceptance(server: ScriptedSmtp) -> None:
    for phase in ("mail", "rcpt", "dot"):
        server.script(phase, "252 cannot verify but will take it")
    with opened(server) as session:
        assert isinstance(send(session), Accepted)


@pytest.mark.parametrize(
    "action", ["500 what?", Close(), Reset(), GARBAGE, Silence()], ids=lambda it: str(it)[:8]
)
def test_whatever_quit_brings_is_ignored(server: ScriptedSmtp, action: Action) -> None:
    server.script("quit", action)
    with opened(server, short_at("quit")) as session:
        assert isinstance(send(session), Accepted)
    assert len(server.ledger) == 1


@pytest.mark.parametrize("closing", ["drop", "421", "at MAIL"])
def test_a_kept_connection_that_was_closed_meanwhile_is_stale(
    server: ScriptedSmtp, closing: str
) -> None:
    with opened(server) as session:
        assert isinstance(send(session), Accepted)
        if closing == "drop":
            server.drop_connections()
        else:
            server.script("mail", Close("421 idle" if closing == "421" else ""))
        trouble = sending_trouble(session)
        assert not session.reusable
    assert trouble.stale
    assert trouble.phase is Phase.MAIL


def test_a_session_that_is_not_open_sends_nothing(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        session.close()
        trouble = sending_trouble(session)
    assert (trouble.phase, trouble.kind) == (Phase.MAIL, Kind.LOST)


@pytest.mark.parametrize("size", [0, 300_000], ids=["small", "large"])
def test_nothing_is_accepted_when_the_dot_is_not_wanted(server: ScriptedSmtp, size: int) -> None:
    with opened(server) as session:
        data = MAIL + b"x" * 70 * (size // 70)
        trouble = session.send(SENDER, RECIPIENT, data, before_dot=lambda: False)
        assert isinstance(trouble, Trouble)
        assert trouble.kind is Kind.ABANDONED
        assert not session.is_open
    assert server.ledger == []


def test_before_dot_is_asked_once_for_each_mail(server: ScriptedSmtp) -> None:
    asked: list[int] = []
    with opened(server) as session:
        for _ in range(2):
            session.send(SENDER, RECIPIENT, MAIL, before_dot=lambda: not asked.append(1))
    assert len(asked) == 2
    assert len(server.ledger) == 2


def test_before_dot_is_not_asked_for_a_refused_recipient(server: ScriptedSmtp) -> None:
    server.script("rcpt", "550 5.1.1 no such user", when=lambda arg: "bad@" in arg)
    with opened(server) as session:
        outcome = session.send(SENDER, "bad@example.com", MAIL, before_dot=pytest.fail)
    assert isinstance(outcome, Trouble)
    assert judge(outcome, Mode.EXTERNAL).cause == "recipient_unknown"


def test_a_refusal_inside_the_content_is_heard_and_no_dot_is_sent(server: ScriptedSmtp) -> None:
    server.script("body", "552 5.3.4 too large")
    with opened(server) as session:
        trouble = sending_trouble(session, MAIL + b"x" * 20_000_000)
        assert not session.is_open
    assert (trouble.phase, trouble.kind) == (Phase.DOT, Kind.REPLY)
    assert judge(trouble, Mode.EXTERNAL).cause == "message_too_large"
    assert server.ledger == []


def test_a_server_that_hangs_up_inside_the_content_has_nothing(server: ScriptedSmtp) -> None:
    server.script("body", Reset())
    with opened(server) as session:
        trouble = sending_trouble(session, MAIL + b"x" * 20_000_000)
    assert (trouble.phase, trouble.kind) == (Phase.DATA, Kind.LOST)
    assert judge(trouble, Mode.EXTERNAL).klass == "transient"
    assert server.ledger == []


def test_a_large_mail_arrives_whole(server: ScriptedSmtp) -> None:
    data = MAIL + b".0123456789 and so on\r\n" * 40_000
    with opened(server) as session:
        assert isinstance(send(session, data), Accepted)
    assert server.ledger[0].raw == data


def test_a_server_that_stops_reading_ends_at_the_bodys_deadline(server: ScriptedSmtp) -> None:
    server.script("body", Silence())
    deadlines = replace(PATIENT, body=0.01)
    with opened(server, deadlines) as session:
        trouble = sending_trouble(session, b"x" * 20_000_000)
    assert (trouble.phase, trouble.kind) == (Phase.DATA, Kind.TIMEOUT)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"a", b"\r.\r\n"])))
def test_lone_line_ends_and_dots_arrive_as_one_equal_mail(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    with ScriptedSmtp() as server:
        with opened(server) as session:
            assert isinstance(send(session, data), Accepted)
        [mail] = server.ledger
    wanted = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if wanted and not wanted.endswith(b"\n"):
        wanted += b"\n"
    assert mail.raw == wanted.replace(b"\n", b"\r\n")
