"""The steps of one mail over an open conversation, alone or interleaved with the next one.

Where the server offers PIPELINING (RFC 2920), MAIL, RCPT and DATA leave in one write, those of
the next mail together with the dot of the last: one round trip a mail.
"""

from sysmail.smtp.conversation import Conversation, positive
from sysmail.smtp.mail import Draft, SomeMail
from sysmail.smtp.replies import Reply
from sysmail.smtp.stream import CHUNK
from sysmail.smtp.trouble import Failed, Kind, Phase

_CLOSING = 421
_GO_ON = 354
_DOT = b".\r\n"


class Pipeline:
    """For each mail `begin`, `obtain`, `give`, `hear`; all of them raise Failed.

    `needs_reset`: the last mail was refused, and the server still remembers parts of it.
    """

    def __init__(self, talk: Conversation, in_batches: bool) -> None:
        self.in_batches = in_batches
        self.needs_reset = False
        self._talk = talk

    def begin(self, draft: Draft[SomeMail]) -> None:
        """Nothing is under way: reset what was refused; announce the mail if that can be done
        in one write."""
        talk = self._talk
        talk.begin(Phase.MAIL)
        if draft.kept and talk.stream.has_input():
            raise Failed(Kind.LOST, "the kept connection was closed")
        if self.needs_reset:
            self._reset()
        if self.in_batches:
            talk.transcript.ours(*draft.lines)
            draft.announced = True
            talk.stream.write(draft.wire, talk.deadline)

    def obtain(self, draft: Draft[SomeMail]) -> None:
        """Hear 354 for the mail. Where it was refused instead, the conversation is ready for
        the next one unless the failure is fatal."""
        if draft.announced:
            self._hear_batch()
            return
        mail, rcpt, data = draft.lines
        self._talk.begin(Phase.MAIL)
        self._talk.demand(mail)
        self._talk.begin(Phase.RCPT)
        self._talk.demand(rcpt)
        self._talk.begin(Phase.DATA)
        _go_on(self._talk.ask(data))

    def give(self, draft: Draft[SomeMail], ahead: Draft[SomeMail] | None) -> None:
        """Content and dot, and in the same write the commands of the mail `ahead`. When this
        raises, the dot certainly did not leave us."""
        talk, rest = self._talk, draft.content
        talk.transcript.ours(f"({len(rest)} octets of content)")
        talk.begin_body(len(rest))
        if len(rest) > CHUNK:
            self._give_at_length(rest)
            rest = b""
        elif talk.stream.buffer:
            self._look_for_refusal()
        if draft.mail.before_dot and not draft.mail.before_dot():
            raise Failed(Kind.ABANDONED, "not wanted any more", phase=Phase.LOCAL)
        if ahead is None:
            talk.transcript.ours(".")
            self._write_dot(rest, b"")
        else:
            talk.transcript.ours(".", *ahead.lines)
            ahead.announced = True
            self._write_dot(rest, ahead.wire)

    def hear(self) -> Reply:
        """The 2xx after the dot. Failed without a reply: nobody knows."""
        self._talk.begin(Phase.DOT)
        return positive(self._talk.hear())

    def _reset(self) -> None:
        try:
            self._talk.demand("RSET")
        except Failed:
            raise Failed(Kind.LOST, "RSET was not answered well") from None
        self.needs_reset = False

    def _hear_batch(self) -> None:
        """All three replies are read, whatever they say (RFC 2920, section 3.1)."""
        talk = self._talk
        refusal: Failed | None = None
        try:
            talk.begin(Phase.MAIL)
            refusal = _refusal(talk.hear(), Phase.MAIL)
            talk.begin(Phase.RCPT)
            refused_recipient = _refusal(talk.hear(), Phase.RCPT)
            refusal = refusal or refused_recipient
            talk.begin(Phase.DATA)
            data = talk.hear()
            if refusal is None:
                _go_on(data)
                return
            self._back_out(data, is_empty=refused_recipient is not None)
        except Failed:
            if refusal is None:
                raise
            refusal.fatal = True
        raise refusal

    def _back_out(self, data: Reply, is_empty: bool) -> None:
        """DATA is refused too, as a rule. Where it was not, a lone dot is right if no recipient
        was accepted (RFC 2920, section 3.1); else it would deliver an empty message."""
        if data.is_negative() and data.code != _CLOSING:
            return
        _go_on(data)
        if not is_empty:
            raise Failed(Kind.NOT_SMTP, "354 for a refused sender")
        self._talk.ask(".")

    def _give_at_length(self, content: bytes) -> None:
        try:
            self._talk.stream.write(content, self._talk.deadline, watch=True)
        except Failed as failed:
            if failed.kind is Kind.LOST:
                self._look_for_refusal()
            raise
        self._look_for_refusal()

    def _write_dot(self, rest: bytes, commands: bytes) -> None:
        stream = self._talk.stream
        left_at = stream.written + len(rest) + len(_DOT)
        try:
            stream.write(rest + _DOT + commands, self._talk.deadline)
        except Failed as failed:
            if stream.written >= left_at:
                return
            if failed.kind is Kind.LOST:
                self._look_for_refusal()
            raise

    def _look_for_refusal(self) -> None:
        """A reply before the dot is the server's verdict on the content; the dot is not sent."""
        if not self._talk.stream.has_input():
            return
        reply = self._talk.hear()
        if reply.is_negative():
            raise Failed(Kind.REPLY, "refused inside the content", reply, Phase.DOT, fatal=True)
        raise Failed(Kind.NOT_SMTP, "reply before the dot")


def _refusal(reply: Reply, phase: Phase) -> Failed | None:
    """A refusal after which the conversation goes on; raises Failed where it does not."""
    if reply.is_positive():
        return None
    if not reply.is_negative():
        raise Failed(Kind.NOT_SMTP, "reply out of place")
    refusal = Failed(Kind.REPLY, reply=reply, phase=phase)
    if reply.code == _CLOSING:
        raise refusal
    return refusal


def _go_on(reply: Reply) -> None:
    if reply.is_negative():
        raise Failed(Kind.REPLY, reply=reply)
    if reply.code != _GO_ON:
        raise Failed(Kind.NOT_SMTP, "DATA was not answered by 354")
