"""Sessions with a scripted server, under deadlines that keep tests quick where it hangs and
mean nothing on a busy machine where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sysmail.smtp import (
    Accepted,
    Credentials,
    Deadlines,
    Encryption,
    Endpoint,
    Session,
    Trouble,
)
from tests.support.smtpd import ScriptedSmtp

PATIENT = Deadlines.every(5)
SENDER, RECIPIENT = "portal@example.com", "bob@example.com"
MAIL = b"Message-ID: <1@example.com>\r\nSubject: hello\r\n\r\nA line.\r\n"
_ENCRYPTIONS = {None: Encryption.PLAIN, "ssl": Encryption.SSL, "starttls": Encryption.STARTTLS}


def short_at(*phases: str, seconds: float = 0.3) -> Deadlines:
    """Short at the phases in which a server hangs, patient at all others."""
    return replace(PATIENT, **dict.fromkeys(phases, seconds))


def endpoint_for(server: ScriptedSmtp, **changes: Any) -> Endpoint:
    """Encryption, authority and the only user's credentials as the server wants them."""
    users = [Credentials(*user) for user in server.options.users.items()]
    settings: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "encryption": _ENCRYPTIONS[server.options.tls],
        "credentials": users[0] if users else None,
        "helo_name": "portal.example",
        "ca_file": server.ca_file,
    }
    return Endpoint(**settings | changes)


@contextmanager
def opened(
    server: ScriptedSmtp, deadlines: Deadlines = PATIENT, **changes: Any
) -> Iterator[Session]:
    """A session that opened without trouble; closed at the end."""
    with Session(endpoint_for(server, **changes), deadlines) as session:
        trouble = session.open()
        assert trouble is None, trouble
        yield session


def opening_trouble(
    server: ScriptedSmtp, deadlines: Deadlines = PATIENT, **changes: Any
) -> Trouble:
    """Why a session could not be opened."""
    with Session(endpoint_for(server, **changes), deadlines) as session:
        trouble = session.open()
        assert trouble is not None, "the session opened"
        assert not session.is_open
        return trouble


def send(session: Session, data: bytes = MAIL, rcpt_to: str = RECIPIENT) -> Accepted | Trouble:
    return session.send(SENDER, rcpt_to, data)


def sending_trouble(session: Session, data: bytes = MAIL) -> Trouble:
    outcome = send(session, data)
    assert isinstance(outcome, Trouble), outcome
    return outcome
