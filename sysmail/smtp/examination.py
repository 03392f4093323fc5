"""A talk with a mail server step by step, for looking at rather than for sending: no DATA."""

import socket
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum

from sysmail.smtp import opening
from sysmail.smtp.addresses import Ip, allowed
from sysmail.smtp.conversation import Conversation
from sysmail.smtp.direct import telling
from sysmail.smtp.endpoint import Deadlines, Encryption, Endpoint
from sysmail.smtp.mail import Draft, Mail
from sysmail.smtp.mx import Resolver
from sysmail.smtp.session import Session
from sysmail.smtp.stream import Stream
from sysmail.smtp.surveying import Tried, survey, worst
from sysmail.smtp.trouble import Failed, Phase, Trouble

_CLOSING = 421
_MOST_HOSTS = 3
# What MAIL announces where the server wants to know the size: that of a usual notification.
_CONTENT = b"\r\n" * 2048


class Step(StrEnum):
    RESOLVE = "resolve"
    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    TLS = "tls"
    AUTH = "auth"
    SENDER = "sender"
    RECIPIENT = "recipient"


_EXPLICIT = tuple(Step)
# What a next host must do where the one before turned us away at this step.
_TURNED_AWAY = {
    Step.GREETING: (Step.CONNECT, Step.GREETING),
    Step.EHLO: (Step.CONNECT, Step.GREETING, Step.EHLO),
}
_IMPLICIT = (Step.RESOLVE, Step.CONNECT, Step.TLS, Step.GREETING, Step.EHLO, *_EXPLICIT[5:])


@dataclass(frozen=True)
class Envelope:
    mail_from: str
    rcpt_to: str

    @property
    def domain(self) -> str:
        """The recipient's."""
        return self.rcpt_to.rpartition("@")[2]


class Examination(Session):
    """`take` the steps in `order`, then `close`. `tried`: the addresses of the step connect."""

    def __init__(self, endpoint: Endpoint, envelope: Envelope, deadlines: Deadlines) -> None:
        super().__init__(replace(endpoint, resumes=False), deadlines)
        self._letter = Draft(Mail(envelope.mail_from, envelope.rcpt_to, _CONTENT), kept=False)
        self.ips: tuple[Ip, ...] = ()
        self.tried: tuple[Tried, ...] = ()

    @property
    def order(self) -> tuple[Step, ...]:
        """All steps, as they happen with this encryption."""
        return _IMPLICIT if self.endpoint.encryption is Encryption.SSL else _EXPLICIT

    def skips(self, step: Step) -> bool:
        """Whether the settings ask for no such step."""
        if step is Step.TLS:
            return self.endpoint.encryption is Encryption.PLAIN
        return step is Step.AUTH and self.endpoint.credentials is None

    @property
    def ip(self) -> str | None:
        """The address that was connected to."""
        return self._talk.peer[0] if self._talk else None

    def take(self, step: Step) -> Trouble | None:
        """Does one step. After a trouble the talk is over."""
        steps = {
            Step.RESOLVE: self._resolve_first,
            Step.CONNECT: self._connect,
            Step.GREETING: lambda: opening.greet(self._now, self.deadlines.silence),
            Step.EHLO: self._introduce,
            Step.TLS: self._secure,
            Step.AUTH: lambda: opening.log_in(self._now, self.endpoint, self.extensions),
            Step.SENDER: self._name_sender,
            Step.RECIPIENT: self._name_recipient,
        }
        try:
            steps[step]()
        except Failed as failed:
            trouble = self._trouble(failed)
            self._part(failed)
            return trouble
        return None

    def close(self) -> None:
        """RSET, QUIT, whatever comes of it, then close."""
        if self.is_open and self._now.phase in (Phase.MAIL, Phase.RCPT):
            self._now.begin(Phase.QUIT)
            with suppress(Failed):
                self._now.ask("RSET")
        super().close()

    @property
    def _now(self) -> Conversation:
        assert self._talk is not None
        return self._talk

    def _resolve_first(self) -> None:
        self.ips = self._resolve()

    def _connect(self) -> None:
        self._under_way = Phase.CONNECT
        connection, self.tried = self._survey(self.deadlines.of(Phase.CONNECT))
        if connection is None:
            raise Failed(worst(self.tried))
        host, port = connection.getpeername()[:2]
        self._transcript.note(f"connected to {host} port {port}")
        self._talk = Conversation(Stream(connection), self.deadlines, self._transcript)
        self._talk.peer = (host, port)
        self.is_open = True

    def _survey(self, seconds: float) -> tuple[socket.socket | None, tuple[Tried, ...]]:
        return survey(self.ips, self.endpoint.port, seconds)

    def _introduce(self) -> None:
        self.extensions = opening.introduce(self._now, self.endpoint)

    def _secure(self) -> None:
        talk, endpoint, deadlines = self._now, self.endpoint, self.deadlines
        if endpoint.encryption is Encryption.STARTTLS:
            self.extensions = opening.secure(talk, endpoint, deadlines, self.extensions)
        else:
            opening.begin_tls(talk, endpoint, deadlines, implicit=True)

    def _name_sender(self) -> None:
        self._now.begin(Phase.MAIL)
        self._letter.fit(self.extensions)
        self._now.demand(self._letter.lines[0])

    def _name_recipient(self) -> None:
        self._now.begin(Phase.RCPT)
        self._now.demand(self._letter.lines[1])

    def _part(self, failed: Failed) -> None:
        """A server that answered is taken leave of; with any other nothing can be said."""
        if failed.reply is not None and failed.reply.code != _CLOSING and not failed.fatal:
            self.close()
        else:
            self.drop()


class DirectExamination(Examination):
    """Of the first of the recipient's mail hosts that can be connected to and that neither turns
    us away at its greeting nor at EHLO, as delivery does it."""

    def __init__(
        self, endpoint: Endpoint, envelope: Envelope, deadlines: Deadlines, resolver: Resolver
    ) -> None:
        super().__init__(endpoint, envelope, deadlines)
        self._resolver = resolver
        self._domain = envelope.domain
        self._hosts: list[tuple[str, tuple[Ip, ...]]] = []

    def take(self, step: Step) -> Trouble | None:
        trouble, met = super().take(step), self.endpoint
        if trouble is None or step not in _TURNED_AWAY:
            return trouble
        if self._another_takes(_TURNED_AWAY[step]):
            return None
        self.endpoint = met
        return trouble

    def _another_takes(self, steps: tuple[Step, ...]) -> bool:
        while self._hosts:
            if all(Examination.take(self, step) is None for step in steps):
                return True
        return False

    def _resolve_first(self) -> None:
        hosts = self._resolver.mail_hosts(self._domain)
        if isinstance(hosts, Trouble):
            raise Failed(hosts.kind, hosts.detail, phase=Phase.RESOLVE)
        troubles = []
        for host in hosts[:_MOST_HOSTS]:
            found = self._addresses_of(host.name)
            if isinstance(found, Trouble):
                troubles.append(found)
            else:
                self._hosts.append((host.name, found))
        if not self._hosts:
            trouble = telling(troubles)
            raise Failed(trouble.kind, trouble.detail, phase=Phase.RESOLVE)
        self.endpoint = replace(self.endpoint, host=self._hosts[0][0])

    def _addresses_of(self, host: str) -> tuple[Ip, ...] | Trouble:
        found = self._resolver.addresses(host)
        try:
            return found if isinstance(found, Trouble) else allowed(found, self.endpoint.private)
        except Failed as failed:
            return failed.trouble(Phase.RESOLVE)

    def _survey(self, seconds: float) -> tuple[socket.socket | None, tuple[Tried, ...]]:
        tried, share = self.tried, seconds / len(self._hosts)
        while self._hosts:
            name, self.ips = self._hosts.pop(0)
            self.endpoint = replace(self.endpoint, host=name)
            self._transcript.note(f"mail host {name}")
            connection, more = super()._survey(share)
            tried += more
            if connection:
                return connection, tried
        return None, tried
