"""Every way in which a connection can fail before MAIL, against a real socket."""

import pytest

from sysmail.smtp import Encryption, Endpoint, Kind, Mode, Phase, Session, judge
from tests.support.ports import closed_port
from tests.support.smtp_client import PATIENT, opened, opening_trouble, send, short_at
from tests.support.smtp_script import GARBAGE, Action, Close, Delay, Endless, Reset, Silence
from tests.support.smtpd import ScriptedSmtp

FAULTS: list[tuple[Action, Kind]] = [
    (Close(), Kind.LOST),
    (Delay(0.05, Reset()), Kind.LOST),
    (Silence(), Kind.TIMEOUT),
    (GARBAGE, Kind.NOT_SMTP),
    (Endless(), Kind.NOT_SMTP),
    (Endless(line=None), Kind.NOT_SMTP),
    ("354 out of place", Kind.NOT_SMTP),
    ("250 one\n550 other", Kind.NOT_SMTP),
    ("421 4.3.2 closing", Kind.REPLY),
    ("550 5.7.0 go away", Kind.REPLY),
]
NAMES = [f"{kind}-{str(action)[:12]}" for action, kind in FAULTS]


@pytest.mark.parametrize(("action", "kind"), FAULTS, ids=NAMES)
@pytest.mark.parametrize("phase", ["greeting", "ehlo", "auth"])
def test_each_fault_before_mail_is_told_by_its_phase_and_kind(
    phase: str, action: Action, kind: Kind
) -> None:
    with ScriptedSmtp(users={"portal": "secret-1"}) as server:
        server.script(phase, action)
        trouble = opening_trouble(server, short_at(phase))
    assert (trouble.phase, trouble.kind) == (phase, kind)


@pytest.mark.parametrize(
    ("reply", "cause"),
    [
        ("502 5.5.1 not here", "starttls_not_offered"),
        ("454 4.7.0 TLS not available", "tls_not_now"),
    ],
)
def test_pain_11_a_refused_starttls_never_goes_on_in_the_clear(reply: str, cause: str) -> None:
    with ScriptedSmtp(tls="starttls") as server:
        server.script("starttls", reply)
        trouble = opening_trouble(server)
        assert judge(trouble, Mode.EXTERNAL).cause == cause
        assert [line.split()[0] for line in server.commands] == ["EHLO", "STARTTLS"]


def test_starttls_that_is_not_offered_ends_the_session() -> None:
    with ScriptedSmtp(tls="starttls") as server:
        server.options.tls = None
        trouble = opening_trouble(server, encryption=Encryption.STARTTLS)
    assert (trouble.phase, trouble.kind) == (Phase.STARTTLS, Kind.NO_STARTTLS)


def test_helo_is_tried_where_ehlo_is_unknown_and_nothing_needs_it(server: ScriptedSmtp) -> None:
    server.script("ehlo", "502 5.5.1 what?", when=lambda line: line.startswith("EHLO"))
    with opened(server) as session:
        send(session)
    assert server.commands[:2] == ["EHLO portal.example", "HELO portal.example"]
    assert len(server.ledger) == 1


def test_no_helo_where_a_login_is_needed() -> None:
    with ScriptedSmtp(users={"portal": "secret-1"}) as server:
        server.script("ehlo", "502 5.5.1 what?", when=lambda line: line.startswith("EHLO"))
        trouble = opening_trouble(server)
        assert server.commands == ["EHLO portal.example"]
    assert judge(trouble, Mode.EXTERNAL).cause == "helo_rejected"


def test_a_server_that_hangs_up_at_helo_has_refused_our_name(server: ScriptedSmtp) -> None:
    server.script("ehlo", Close())
    server.script("ehlo", "550 bad name", times=1)
    trouble = opening_trouble(server)
    assert trouble.reply is not None
    assert trouble.reply.code == 550


def test_a_port_without_a_server_is_refused() -> None:
    trouble = Session(Endpoint("127.0.0.1", closed_port()), PATIENT).open()
    assert trouble is not None
    assert (trouble.phase, trouble.kind) == (Phase.CONNECT, Kind.REFUSED)


@pytest.mark.parametrize(
    ("host", "private", "cause"),
    [
        ("mail.example.invalid", True, "host_unknown"),
        ("", True, "host_unknown"),
        ("127.0.0.1", False, "host_not_allowed"),
        ("localhost", False, "host_not_allowed"),
        ("169.254.169.254", True, "host_not_allowed"),
    ],
)
def test_hosts_that_are_unknown_or_forbidden_are_never_dialled(
    host: str, private: bool, cause: str
) -> None:
    trouble = Session(Endpoint(host, 25, private=private), PATIENT).open()
    assert trouble is not None
    assert trouble.phase is Phase.RESOLVE
    assert judge(trouble, Mode.EXTERNAL).cause == cause


def test_a_control_character_in_our_own_name_never_reaches_the_server(
    server: ScriptedSmtp,
) -> None:
    trouble = opening_trouble(server, helo_name="a\r\nMAIL FROM:<x@y>")
    assert (trouble.phase, trouble.kind) == (Phase.LOCAL, Kind.UNSAFE)
    assert server.commands == []


def test_a_session_opens_again_after_trouble(server: ScriptedSmtp) -> None:
    server.script("greeting", "421 busy", times=1)
    session = Session(Endpoint(server.host, server.port, encryption=Encryption.PLAIN), PATIENT)
    assert session.open() is not None
    assert session.open() is None
    assert session.peer == f"127.0.0.1:{server.port}"
    session.close()


def test_a_reset_at_once_is_told_as_trouble_whenever_it_comes() -> None:
    with ScriptedSmtp() as server:
        server.script("greeting", Reset())
        found = [opening_trouble(server) for _ in range(40)]
    seen = {(trouble.phase, trouble.kind) for trouble in found}
    assert seen <= {(Phase.CONNECT, Kind.REFUSED), (Phase.GREETING, Kind.LOST)}
