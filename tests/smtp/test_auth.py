"""Logging in: one mechanism, once, nothing in the clear by accident, nothing to be read after."""

import base64

import pytest

from sysmail.smtp import Credentials, Kind, Mode, Phase, judge
from tests.support.smtp_client import PATIENT, opened, opening_trouble, send
from tests.support.smtpd import MECHANISMS, ScriptedSmtp

PASSWORD = "pässwörd 密码 \\ 1234"
USERS = {"jürgen@example.com": PASSWORD}


@pytest.mark.parametrize("tls", [None, "ssl", "starttls"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_pain_15_each_mechanism_carries_a_password_beyond_ascii(
    mechanism: str, tls: str | None
) -> None:
    with ScriptedSmtp(users=USERS, tls=tls, mechanisms=[mechanism]) as server:
        with opened(server) as session:
            send(session)
        assert server.logins == 1
        assert server.ledger[0].auth_user == "jürgen@example.com"


@pytest.mark.parametrize(("tls", "chosen"), [(None, "CRAM-MD5"), ("ssl", "PLAIN")])
def test_the_clear_prefers_a_mechanism_that_hides_the_password(
    tls: str | None, chosen: str
) -> None:
    with ScriptedSmtp(users=USERS, tls=tls) as server:
        with opened(server):
            pass
        assert any(line.startswith(f"AUTH {chosen}") for line in server.commands)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_password_is_tried_once(mechanism: str) -> None:
    with ScriptedSmtp(users=USERS, mechanisms=[mechanism, "LOGIN"]) as server:
        wrong = Credentials("jürgen@example.com", "wrong")
        trouble = opening_trouble(server, credentials=wrong)
        assert server.login_attempts == 1
    assert trouble.phase is Phase.AUTH
    assert judge(trouble, Mode.EXTERNAL).cause == "login_rejected"


# The system reads this as 127.0.0.1, but it is no name that means loopback by definition.
ANOTHER_MACHINE = "127.1"


def test_credentials_never_leave_in_the_clear_for_another_machine() -> None:
    with ScriptedSmtp(users=USERS) as server:
        trouble = opening_trouble(server, host=ANOTHER_MACHINE)
        assert server.login_attempts == 0
    assert (trouble.phase, trouble.kind) == (Phase.AUTH, Kind.CLEAR_LOGIN_REFUSED)
    assert judge(trouble, Mode.EXTERNAL).cause == "encryption_required"


def test_credentials_leave_in_the_clear_where_an_administrator_said_so() -> None:
    with (
        ScriptedSmtp(users=USERS) as server,
        opened(server, host=ANOTHER_MACHINE, allow_clear_login=True),
    ):
        assert server.logins == 1


@pytest.mark.parametrize(
    ("mechanisms", "kind"), [((), Kind.NO_AUTH_OFFERED), (("XOAUTH2",), Kind.NO_MECHANISM)]
)
def test_without_a_mechanism_of_ours_no_login_is_tried(
    mechanisms: tuple[str, ...], kind: Kind
) -> None:
    with ScriptedSmtp(users=USERS, mechanisms=mechanisms) as server:
        assert opening_trouble(server).kind is kind
        assert server.login_attempts == 0


def test_a_nul_in_the_credentials_is_never_sent() -> None:
    with ScriptedSmtp(users=USERS) as server:
        trouble = opening_trouble(server, credentials=Credentials("a\0b", "c"))
        assert trouble.kind is Kind.UNUSABLE_CREDENTIALS
        assert server.login_attempts == 0


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("tls", [None, "starttls"])
def test_the_transcript_holds_no_trace_of_the_password(mechanism: str, tls: str | None) -> None:
    with ScriptedSmtp(users=USERS, tls=tls, mechanisms=[mechanism]) as server:
        with opened(server) as session:
            send(session)
        spoken = [line for line in server.commands if line.startswith("AUTH")]
        secrets = _secrets(server.commands)
    shown = "\n".join(session.transcript)
    assert spoken
    assert secrets
    assert not [secret for secret in secrets if secret in shown]
    assert f"C: AUTH {mechanism}" in shown


def _secrets(commands: list[str]) -> list[str]:
    """Everything a client said while logging in that was not a command."""
    encoded = base64.b64encode(PASSWORD.encode()).decode()
    words = [line.split()[-1] for line in commands if not line.startswith(("EHLO", "STARTTLS"))]
    logins = [word for word in words if len(word) > 20 and "@" not in word]
    return [*logins, encoded, PASSWORD]


@pytest.mark.parametrize("phase", ["auth", "mail"])
def test_a_server_that_echoes_the_password_is_not_quoted(phase: str) -> None:
    message = base64.b64encode(b"\0u\0hunter22").decode()
    with ScriptedSmtp(users={"u": "hunter22"}, tls="ssl") as server:
        server.script(phase, f"535 5.7.8 {message} hunter22 is wrong")
        if phase == "auth":
            trouble = opening_trouble(server)
        else:
            with opened(server) as session:
                outcome = send(session)
                assert not hasattr(outcome, "milliseconds")
                trouble = outcome
    assert trouble.reply is not None
    assert trouble.reply.words == "*** *** is wrong"
    assert "hunter22" not in repr(trouble)


def test_credentials_do_not_show_the_password() -> None:
    assert "hunter22" not in repr(Credentials("u", "hunter22"))
    assert PATIENT.auth == 5
