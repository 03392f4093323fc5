"""Command and reply under the phase's deadline."""

import re

from sysmail.smtp.endpoint import Deadlines
from sysmail.smtp.replies import Reply
from sysmail.smtp.stream import Deadline, Stream
from sysmail.smtp.transcript import Transcript
from sysmail.smtp.trouble import Failed, Kind, Phase

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Conversation:
    """One connection's talk. `begin` a phase, then `ask`; everything raises Failed."""

    def __init__(self, stream: Stream, deadlines: Deadlines, transcript: Transcript) -> None:
        self.stream = stream
        self.transcript = transcript
        self.phase = Phase.GREETING
        self.secrets: tuple[str, ...] = ()
        self.peer = ("", 0)
        self.tls_version: str | None = None
        self._deadlines = deadlines
        self._deadline: Deadline | None = None

    @property
    def deadline(self) -> Deadline:
        """The phase's; it runs from the first time that something may have to be waited for."""
        if self._deadline is None:
            self._deadline = Deadline(self._deadlines.of(self.phase))
        return self._deadline

    def begin(self, phase: Phase) -> None:
        """Enter a phase, with a total deadline of its own."""
        self.phase = phase
        self._deadline = None

    def begin_body(self, size: int) -> None:
        """Still the phase of DATA, with a deadline for so many octets."""
        self._deadline = Deadline(self._deadlines.for_body(size))

    def ask(self, line: str, shown: str | None = None) -> Reply:
        """Say a line and hear the reply, whatever it is; the transcript has `shown` for it."""
        self.transcript.ours(line if shown is None else shown)
        self.stream.write(command(line), self.deadline)
        return self.hear()

    def demand(self, line: str) -> Reply:
        """Say a line that only a 2xx reply answers well."""
        return positive(self.ask(line))

    def hear(self) -> Reply:
        reply = self.stream.ready_reply() or self.stream.read_reply(self.deadline)
        if self.secrets:
            reply = reply.without(self.secrets)
        self.transcript.theirs(reply.code, reply.lines)
        return reply


def command(line: str) -> bytes:
    """The line as it goes over the wire. Raises Failed(unsafe)."""
    if _CONTROL.search(line):
        raise Failed(Kind.UNSAFE, "control character in a command", phase=Phase.LOCAL)
    return line.encode() + b"\r\n"


def positive(reply: Reply) -> Reply:
    """The reply if it is any 2xx. Raises Failed: reply (4xx, 5xx) or not_smtp (3xx)."""
    if reply.is_positive():
        return reply
    if reply.is_negative():
        raise Failed(Kind.REPLY, reply=reply)
    raise Failed(Kind.NOT_SMTP, "reply out of place")
