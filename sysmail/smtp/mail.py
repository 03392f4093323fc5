"""A mail to be handed over, and how its parts look on the wire."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from sysmail.smtp.conversation import command
from sysmail.smtp.extensions import Extensions
from sysmail.smtp.trouble import Failed, Kind, Phase, Trouble

_LINE_END = re.compile(rb"\r\n|\r|\n")
_ATEXT = r"[\w!#$%&'*+/=?^`{|}~.-]"
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"'
_ADDRESS = re.compile(rf"(?:{_ATEXT}+|{_QUOTED})@(?:[\w.-]+|\[[0-9A-Za-z:.]+\])")
_LONGEST_ADDRESS = 254
_LONGEST_LOCAL_PART = 64


@dataclass(slots=True)
class Mail:
    """`mail_from` may be empty (the null reverse-path). `data`: a whole message, any line ends;
    `canonical` where its maker guarantees that each is CRLF, the last one too. `before_dot` is
    asked when all but the dot is done; where it says no, the connection is dropped without the
    dot (kind abandoned)."""

    mail_from: str
    rcpt_to: str
    data: bytes
    smtputf8: bool = False
    before_dot: Callable[[], bool] | None = None
    canonical: bool = False

    @property
    def needs_smtputf8(self) -> bool:
        return self.smtputf8 or not (self.mail_from.isascii() and self.rcpt_to.isascii())


SomeMail = TypeVar("SomeMail", bound=Mail)


class Draft(Generic[SomeMail]):
    """A mail made ready for one server. With `trouble`, it cannot go there at all.

    `kept`: the connection carried another mail before. `announced`: MAIL, RCPT and DATA have
    left together, and their replies are still to be read.
    """

    __slots__ = ("announced", "content", "kept", "lines", "mail", "started", "trouble", "wire")

    def __init__(self, mail: SomeMail, kept: bool) -> None:
        self.mail = mail
        self.kept = kept
        self.started = time.monotonic()
        self.announced = False
        self.content = b""
        self.lines: tuple[str, ...] = ()
        self.wire = b""
        self.trouble: Trouble | None = None

    def fit(self, extensions: Extensions) -> None:
        """Content and commands for that server. Raises Failed: unsafe, too_large,
        needs_smtputf8."""
        mail = self.mail
        check(mail.mail_from, mail.rcpt_to)
        content = mail.data if mail.canonical else canonical(mail.data)
        self.lines = _mail_command(extensions, mail, content), f"RCPT TO:<{mail.rcpt_to}>", "DATA"
        self.wire = b"".join([command(line) for line in self.lines])
        self.content = stuffed(content)


def check(mail_from: str, rcpt_to: str) -> None:
    """Raises Failed(unsafe) unless each address is exactly one mailbox (RFC 5321, 4.1.2)."""
    if not is_mailbox(rcpt_to) or (mail_from and not is_mailbox(mail_from)):
        raise Failed(Kind.UNSAFE, "not one plain address", phase=Phase.LOCAL)


@lru_cache(maxsize=64)
def is_mailbox(address: str) -> bool:
    """Whether it is one address, short enough, that cannot break out of its angle brackets."""
    local_part = address.rpartition("@")[0]
    return (
        len(address.encode("utf-8", "replace")) <= _LONGEST_ADDRESS
        and len(local_part.encode("utf-8", "replace")) <= _LONGEST_LOCAL_PART
        and _ADDRESS.fullmatch(address) is not None
    )


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


def _mail_command(extensions: Extensions, mail: Mail, content: bytes) -> str:
    """SIZE by RFC 1870, SMTPUTF8 and BODY by RFC 6531, section 3.4."""
    words = f"MAIL FROM:<{mail.mail_from}>"
    if "SIZE" in extensions:
        if len(content) > (extensions.size_limit or len(content)):
            raise Failed(Kind.TOO_LARGE, "larger than the server's SIZE", phase=Phase.MAIL)
        words += f" SIZE={len(content)}"
    if mail.needs_smtputf8:
        if "SMTPUTF8" not in extensions:
            raise Failed(Kind.NEEDS_SMTPUTF8, phase=Phase.MAIL)
        words += " SMTPUTF8"
    if "8BITMIME" in extensions and not content.isascii():
        words += " BODY=8BITMIME"
    return words
