"""A connection to one mail server, from the host name to QUIT, all of it in typed values."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from sysmail.smtp import opening, tls
from sysmail.smtp.addresses import Ip, addresses
from sysmail.smtp.conversation import Conversation
from sysmail.smtp.endpoint import Deadlines, Encryption, Endpoint
from sysmail.smtp.extensions import Extensions
from sysmail.smtp.mail import Draft, Mail, SomeMail
from sysmail.smtp.pipeline import Pipeline
from sysmail.smtp.replies import Reply
from sysmail.smtp.transcript import Transcript
from sysmail.smtp.trouble import Accepted, Failed, Kind, Phase, Trouble

_CLOSING = 421
_LEFT_BEHIND = Trouble(
    Phase.MAIL, Kind.LOST, detail="the connection ended with the mail before", stale=True
)


class Session:
    """`open()`, then `send()` while `reusable`, then `close()`. It belongs to one thread; only
    `interrupt()` may be called from any. `pipelining` False: not even where it is offered."""

    def __init__(self, endpoint: Endpoint, deadlines: Deadlines | None = None) -> None:
        self.endpoint = endpoint
        self.pipelining = True
        self.deadlines = deadlines or Deadlines()
        self.extensions = Extensions()
        self.is_open = False
        self._transcript = Transcript()
        self._talk: Conversation | None = None
        self._under_way = Phase.RESOLVE
        self._pipeline: Pipeline
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
    def certificate(self) -> tls.Certificate | None:
        """The server's own, while the connection is open."""
        talk = self._talk if self.is_open else None
        return tls.certificate(talk.stream.connection) if talk else None

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
        if not self.is_open:
            return Trouble(Phase.MAIL, Kind.LOST, detail="not open")
        mails = [Mail(mail_from, rcpt_to, data, smtputf8, before_dot)]
        [(_, outcome)] = self.stream(lambda: mails.pop() if mails else None)
        return outcome

    def stream(
        self, pull: Callable[[], SomeMail | None]
    ) -> Iterator[tuple[SomeMail, Accepted | Trouble]]:
        """Hand over mail after mail, each of one recipient, and tell what came of each, in order.

        `pull` gives the next mail, None when none is ready now: it is asked whenever one could
        be begun, before the dot of the one under way, which it must not delay. The iterator ends
        when nothing is under way and none is ready, or when the connection is gone; every mail
        pulled has its outcome by then. A trouble that is `stale` certainly had no dot.
        """
        is_settled = False
        try:
            yield from self._stream(pull)
            is_settled = True
        finally:
            if not is_settled:
                self.drop()

    def close(self) -> None:
        """QUIT, whatever comes of it, then close."""
        if not self.is_open:
            return
        assert self._talk is not None
        talk = self._talk
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
        in_batches = self.pipelining and "PIPELINING" in self.extensions
        self._pipeline = Pipeline(talk, in_batches)

    def _start_over(self) -> None:
        self.drop()
        self._talk = None
        self._under_way = Phase.RESOLVE
        self.extensions = Extensions()
        self._has_sent = False

    def _resolve(self) -> tuple[Ip, ...]:
        return addresses(self.endpoint.host, self.endpoint.private, self.deadlines.resolve)

    def _stream(
        self, pull: Callable[[], SomeMail | None]
    ) -> Iterator[tuple[SomeMail, Accepted | Trouble]]:
        ahead: Draft[SomeMail] | None = None
        while self.is_open and (draft := ahead or self._draft(pull)):
            ahead = None
            if draft.trouble is not None:
                yield draft.mail, draft.trouble
                continue
            try:
                if not draft.announced:
                    self._pipeline.begin(draft)
                self._pipeline.obtain(draft)
                ahead = self._draft(pull) if self._pipeline.in_batches else None
                self._pipeline.give(draft, ahead)
                outcome = self._accepted(draft, self._pipeline.hear())
            except Failed as failed:
                yield draft.mail, self._after(failed, draft.kept)
            else:
                yield draft.mail, outcome
        if ahead is not None:
            yield ahead.mail, ahead.trouble or _LEFT_BEHIND

    def _draft(self, pull: Callable[[], SomeMail | None]) -> Draft[SomeMail] | None:
        mail = pull()
        if mail is None:
            return None
        draft = Draft(mail, self._has_sent)
        try:
            draft.fit(self.extensions)
            self._has_sent = True
        except Failed as failed:
            draft.trouble = self._trouble(failed)
        return draft

    def _accepted(self, draft: Draft[SomeMail], reply: Reply) -> Accepted:
        milliseconds = round((time.monotonic() - draft.started) * 1000)
        endpoint = self.endpoint
        return Accepted(reply, endpoint.host, endpoint.port, self.tls_version, milliseconds)

    def _after(self, failed: Failed, kept: bool) -> Trouble:
        trouble = self._trouble(failed)
        code = trouble.reply.code if trouble.reply else None
        if code is not None and code != _CLOSING and not failed.fatal:
            self._pipeline.needs_reset = trouble.phase is not Phase.DOT
            return trouble
        self.drop()
        gone = failed.kind in (Kind.LOST, Kind.TIMEOUT) or code == _CLOSING
        return replace(trouble, stale=kept and gone and trouble.phase is Phase.MAIL)

    def _trouble(self, failed: Failed) -> Trouble:
        trouble = failed.trouble(self._talk.phase if self._talk else self._under_way)
        unused = self.tls_version is None and "STARTTLS" in self.extensions
        return replace(trouble, starttls_unused=unused)
