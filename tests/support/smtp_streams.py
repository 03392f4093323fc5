"""Streams of mails to a scripted server that offers PIPELINING."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sysmail.smtp import Accepted, Deadlines, Mail, Session, Trouble
from tests.support.smtp_client import PATIENT, endpoint_for
from tests.support.smtp_script import Action
from tests.support.smtpd import ScriptedSmtp

Outcome = Accepted | Trouble


def pipelining(**options: object) -> ScriptedSmtp:
    return ScriptedSmtp(extensions=("PIPELINING",), **options)  # type: ignore[arg-type]


def mail(number: int, data: bytes | None = None, **changes: object) -> Mail:
    """The mail of that number, known by sender, recipient and content."""
    text = b"Message-ID: <%d@example.com>\r\n\r\n.Text of number %d.\r\n" % (number, number)
    sender, recipient = f"from{number}@example.com", f"to{number}@example.com"
    return Mail(sender, recipient, data or text, **changes)  # type: ignore[arg-type]


def pulling(mails: Iterable[Mail]) -> Callable[[], Mail | None]:
    waiting = iter(mails)
    return lambda: next(waiting, None)


def stream(session: Session, mails: Iterable[Mail]) -> list[Outcome]:
    """What came of each mail, in order; those the session did not take are missing."""
    return [outcome for _, outcome in session.stream(pulling(mails))]


@dataclass
class Carried:
    """What came of each mail, and how often one had to be carried again."""

    outcomes: dict[str, Outcome]
    again: int


def carry(server: ScriptedSmtp, mails: Iterable[Mail], deadlines: Deadlines = PATIENT) -> Carried:
    """As a courier does: a new connection whenever one ended, and once more what was stale."""
    waiting = list(mails)
    carried = Carried({}, 0)
    while waiting:
        with Session(endpoint_for(server), deadlines) as session:
            assert session.open() is None
            for sent, outcome in session.stream(lambda: waiting.pop(0) if waiting else None):
                if isinstance(outcome, Trouble) and outcome.stale:
                    carried.again += 1
                    waiting.insert(0, sent)
                else:
                    assert sent.rcpt_to not in carried.outcomes
                    carried.outcomes[sent.rcpt_to] = outcome
    return carried


def kinds(outcomes: list[Outcome]) -> list[str]:
    """ "accepted", "stale", or the phase of the trouble."""
    return [
        "accepted" if isinstance(it, Accepted) else "stale" if it.stale else it.phase.value
        for it in outcomes
    ]


def second(argument: str) -> bool:
    """Whether an address is of the mail of number 1."""
    return "1@example.com" in argument


def script_turn(server: ScriptedSmtp, phase: str, action: Action, position: int) -> None:
    """DATA and the dot do not name their mail: MAIL tells whose turn it is."""
    turn = [-1]

    def count(_argument: str) -> bool:
        turn[0] += 1
        return phase == "mail" and turn[0] == position

    server.script("mail", action, when=count)
    if phase != "mail":
        server.script(phase, action, when=lambda _: turn[0] == position)
