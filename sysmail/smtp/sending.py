"""One mail over an open conversation: MAIL, RCPT, DATA, the content, the dot."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sysmail.smtp.conversation import Conversation, positive
from sysmail.smtp.extensions import Extensions
from sysmail.smtp.replies import Reply
from sysmail.smtp.trouble import Failed, Kind, Phase

# Up to this size content and dot leave in one piece; a socket's empty buffer always takes it.
_ONE_PIECE = 16 * 1024
_GO_ON = 354
_DOT = b".\r\n"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_ATEXT = r"[\w!#$%&'*+/=?^`{|}~.-]"
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"'
_ADDRESS = re.compile(rf"(?:{_ATEXT}+|{_QUOTED})@(?:[\w.-]+|\[[0-9A-Za-z:.]+\])")
_LONGEST_ADDRESS = 254
_LONGEST_LOCAL_PART = 64


@dataclass(frozen=True)
class Envelope:
    """`mail_from` may be empty (the null reverse-path)."""

    mail_from: str
    rcpt_to: str
    smtputf8: bool

    def check(self) -> None:
        """Raises Failed(unsafe) unless each address is exactly one mailbox (RFC 5321, 4.1.2)."""
        addresses = (self.mail_from, self.rcpt_to) if self.mail_from else (self.rcpt_to,)
        if not all(is_mailbox(address) for address in addresses):
            raise Failed(Kind.UNSAFE, "not one plain address", phase=Phase.LOCAL)

    @property
    def needs_smtputf8(self) -> bool:
        return self.smtputf8 or not (self.mail_from + self.rcpt_to).isascii()


def send(
    talk: Conversation,
    extensions: Extensions,
    envelope: Envelope,
    data: bytes,
    before_dot: Callable[[], bool] | None,
) -> Reply:
    """The server's 2xx after the dot. Raises Failed; at phase dot without a reply, only when the
    dot had left us."""
    content = canonical(data)
    talk.begin(Phase.MAIL)
    talk.demand(_mail_command(extensions, envelope, content))
    talk.begin(Phase.RCPT)
    talk.demand(f"RCPT TO:<{envelope.rcpt_to}>")
    talk.begin(Phase.DATA)
    _ask_for_content(talk)
    _give(talk, stuffed(content), before_dot)
    talk.begin(Phase.DOT)
    return positive(talk.hear())


def canonical(data: bytes) -> bytes:
    """Every line end as CRLF, lone CR and LF included, and one at the end (RFC 5321, 2.3.8)."""
    pairs = data.count(b"\r\n")
    if data.count(b"\r") != pairs or data.count(b"\n") != pairs:
        data = _LINE_END.sub(b"\r\n", data)
    return data if data.endswith(b"\r\n") or not data else data + b"\r\n"


def stuffed(content: bytes) -> bytes:
    """Canonical content with leading dots doubled (RFC 5321, section 4.5.2)."""
    doubled = content.replace(b"\r\n.", b"\r\n..")
    return b"." + doubled if doubled.startswith(b".") else doubled


def is_mailbox(address: str) -> bool:
    """Whether it is one address, short enough, that cannot break out of its angle brackets."""
    local_part = address.rpartition("@")[0]
    return (
        len(address.encode("utf-8", "replace")) <= _LONGEST_ADDRESS
        and len(local_part.encode("utf-8", "replace")) <= _LONGEST_LOCAL_PART
        and _ADDRESS.fullmatch(address) is not None
    )


def _mail_command(extensions: Extensions, envelope: Envelope, content: bytes) -> str:
    """SIZE by RFC 1870, SMTPUTF8 and BODY by RFC 6531, section 3.4."""
    words = [f"MAIL FROM:<{envelope.mail_from}>"]
    if "SIZE" in extensions:
        if len(content) > (extensions.size_limit or len(content)):
            raise Failed(Kind.TOO_LARGE, "larger than the server's SIZE")
        words.append(f"SIZE={len(content)}")
    if envelope.needs_smtputf8:
        if "SMTPUTF8" not in extensions:
            raise Failed(Kind.NEEDS_SMTPUTF8)
        words.append("SMTPUTF8")
    if "8BITMIME" in extensions and not content.isascii():
        words.append("BODY=8BITMIME")
    return " ".join(words)


def _ask_for_content(talk: Conversation) -> None:
    reply = talk.ask("DATA")
    if reply.is_negative():
        raise Failed(Kind.REPLY, reply=reply)
    if reply.code != _GO_ON:
        raise Failed(Kind.NOT_SMTP, "DATA was not answered by 354")


def _give(talk: Conversation, content: bytes, before_dot: Callable[[], bool] | None) -> None:
    talk.transcript.ours(f"({len(content)} octets of content)")
    talk.begin_body(len(content))
    in_one_piece = len(content) <= _ONE_PIECE
    try:
        if not in_one_piece:
            talk.stream.write(content, talk.deadline, watch=True)
        _look_for_refusal(talk)
        if before_dot and not before_dot():
            raise Failed(Kind.ABANDONED, "not wanted any more", phase=Phase.LOCAL)
        talk.transcript.ours(".")
        talk.stream.write(content + _DOT if in_one_piece else _DOT, talk.deadline)
    except Failed as failed:
        if failed.kind is Kind.LOST:
            _look_for_refusal(talk)
        raise


def _look_for_refusal(talk: Conversation) -> None:
    """A reply before the dot is the server's verdict on the content; the dot is not sent."""
    if not talk.stream.has_input():
        return
    reply = talk.hear()
    if reply.is_negative():
        raise Failed(Kind.REPLY, "refused inside the content", reply, Phase.DOT, fatal=True)
    raise Failed(Kind.NOT_SMTP, "reply before the dot")
