"""A connection to one mail server, from the host name to QUIT, all of it in typed values."""

import time
from collections.abc import Callable
from dataclasses import replace

from sysmail.smtp import opening, sending
from sysmail.smtp.addresses import Ip, addresses
from sysmail.smtp.conversation import Conversation
from sysmail.smtp.endpoint import Deadlines, Encryption, Endpoint
from sysmail.smtp.extensions import Extensions
from sysmail.smtp.sending import Envelope
from sysmail.smtp.transcript import Transcript
from sysmail.smtp.trouble import Accepted, Failed, Kind, Phase, Trouble

_NOTHING_SAID = {Kind.TOO_LARGE, Kind.NEEDS_SMTPUTF8, Kind.UNSAFE}
_CLOSING = 421


class Session:
    """`open()`, then `send()` while `reusable`, then `close()`. It belongs to one thread; only
    `interrupt()` may be called from any."""

    def __init__(self, endpoint: Endpoint, deadlines: Deadlines | None = None) -> None:
        self.endpoint = endpoint
        self.deadlines = deadlines or Deadlines()
        self.extensions = Extensions()
        self.is_open = False
        self._transcript = Transcript()
        self._talk: Conversation | None = None
        self._under_way = Phase.RESOLVE
        self._needs_reset = False
        self._has_sent = False

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def transcript(self) -> list[str]:
        """The last lines of the talk, logins blotted out."""
        return self._transcript.lines()

    @property
    def peer(self) -> str | None:
        """The address and port reached, like "192.0.2.1:587"."""
        if self._talk is None:
            return None
        host, port = self._talk.peer
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def tls_version(self) -> str | None:
        """Like "TLSv1.3", None in the clear."""
        return self._talk.tls_version if self._talk else None

    @property
    def reusable(self) -> bool:
        """Whether another mail may follow: open, and nothing unasked (or the end) to be read."""
        return self.is_open and self._talk is not None and not self._talk.stream.has_input()

    def open(self, detect_mismatch: bool = True) -> Trouble | None:
        """Resolve, connect, greet, secure and log in. With `detect_mismatch`, a silent server is
        asked on a second connection whether it speaks TLS."""
        self._start_over()
        try:
            self._open(detect_mismatch)
        except Failed as failed:
            trouble = self._trouble(failed)
            self.drop()
            return trouble
        return None

    def send(
        self,
        mail_from: str,
        rcpt_to: str,
        data: bytes,
        smtputf8: bool = False,
        before_dot: Callable[[], bool] | None = None,
    ) -> Accepted | Trouble:
        """Hand over one mail of one recipient. `before_dot` is asked when all but the dot is
        done; where it says no, the connection is dropped without the dot (kind abandoned).

        A trouble at phase dot with no reply means that nobody knows: the dot had left us.
        """
        started = time.monotonic()
        kept, self._has_sent = self._has_sent, True
        envelope = Envelope(mail_from, rcpt_to, smtputf8)
        try:
            talk = self._ready(envelope, kept)
            reply = sending.send(talk, self.extensions, envelope, data, before_dot)
        except Failed as failed:
            return self._after(failed, kept)
        milliseconds = round((time.monotonic() - started) * 1000)
        return Accepted(
            reply, self.endpoint.host, self.endpoint.port, self.tls_version, milliseconds
        )

    def close(self) -> None:
        """QUIT, whatever comes of it, then close."""
        if not self.is_open:
            return
        talk = self._conversation()
        try:
            talk.begin(Phase.QUIT)
            talk.ask("QUIT")
        except Failed:
            self._transcript.note("QUIT was not answered")
        finally:
            self.drop()

    def drop(self) -> None:
        """Close at once, without QUIT."""
        was_open, self.is_open = self.is_open, False
        if was_open and self._talk is not None:
            self._talk.stream.close()

    def interrupt(self) -> None:
        """End the talk under way: whoever is inside `open` or `send` gets his trouble at once."""
        if self._talk is not None:
            self._talk.stream.interrupt()

    def _open(self, detect_mismatch: bool) -> None:
        ips = self._resolve()
        self._under_way = Phase.CONNECT
        talk = opening.connect(self.endpoint, ips, self.deadlines, self._transcript)
        self._talk, self.is_open = talk, True
        opening.greet(talk, self.deadlines.silence if detect_mismatch else None)
        self.extensions = opening.introduce(talk, self.endpoint)
        if self.endpoint.encryption is Encryption.STARTTLS:
            self.extensions = opening.secure(talk, self.endpoint, self.deadlines, self.extensions)
        opening.log_in(talk, self.endpoint, self.extensions)

    def _start_over(self) -> None:
        self.drop()
        self._talk = None
        self._under_way = Phase.RESOLVE
        self.extensions = Extensions()
        self._needs_reset = self._has_sent = False

    def _resolve(self) -> tuple[Ip, ...]:
        return addresses(self.endpoint.host, self.endpoint.private, self.deadlines.resolve)

    def _ready(self, envelope: Envelope, kept: bool) -> Conversation:
        talk = self._conversation()
        talk.begin(Phase.MAIL)
        envelope.check()
        if kept and talk.stream.has_input():
            raise Failed(Kind.LOST, "the kept connection was closed")
        if self._needs_reset:
            self._reset(talk)
        return talk

    def _reset(self, talk: Conversation) -> None:
        try:
            talk.demand("RSET")
        except Failed:
            raise Failed(Kind.LOST, "RSET was not answered well") from None
        self._needs_reset = False

    def _after(self, failed: Failed, kept: bool) -> Trouble:
        trouble = self._trouble(failed)
        code = trouble.reply.code if trouble.reply else None
        if failed.kind in _NOTHING_SAID:
            return trouble
        if code is not None and code != _CLOSING and not failed.fatal:
            self._needs_reset = trouble.phase is not Phase.DOT
            return trouble
        self.drop()
        gone = failed.kind in (Kind.LOST, Kind.TIMEOUT) or code == _CLOSING
        return replace(trouble, stale=kept and gone and trouble.phase is Phase.MAIL)

    def _conversation(self) -> Conversation:
        if self._talk is None or not self.is_open:
            raise Failed(Kind.LOST, "not open", phase=Phase.MAIL)
        return self._talk

    def _trouble(self, failed: Failed) -> Trouble:
        trouble = failed.trouble(self._talk.phase if self._talk else self._under_way)
        unused = self.tls_version is None and "STARTTLS" in self.extensions
        return replace(trouble, starttls_unused=unused)
