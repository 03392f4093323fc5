"""A mail as it lies in a mailbox of the tests' Postfix, read by the standard library's parser."""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

# What Postfix writes before a mail: smtpd the last of them, virtual(8) the others.
PREPENDED = ("Return-Path", "X-Original-To", "Delivered-To", "Received")
_PREPENDED = re.compile(rb"(?:%s):[^\n]*\n(?:[ \t][^\n]*\n)*" % "|".join(PREPENDED).encode())


class Arrived:
    """`raw` is the mail as it was sent, `trace` the fields put before it, unfolded, by name."""

    def __init__(self, file: bytes) -> None:
        self.trace: dict[str, str] = {}
        while found := _PREPENDED.match(file):
            name, _, value = found[0].decode().partition(": ")
            assert name not in self.trace, f"{name} was put before the mail twice"
            self.trace[name] = " ".join(value.split())
            file = file[found.end() :]
        # virtual(8) stores lines the Unix way; on the wire they end in CR LF.
        self.raw = file.replace(b"\n", b"\r\n")
        self._parsed = message_from_bytes(file)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def fields(self) -> list[str]:
        """The names of the header fields, in their order."""
        return self._parsed.keys()

    def __getitem__(self, name: str) -> str:
        """A field unfolded (RFC 5322, section 2.2.3), nothing decoded."""
        return re.sub(r"\r?\n(?=[ \t])", "", str(self._parsed[name]))

    def text_of(self, name: str) -> str:
        """A field with its encoded words decoded."""
        return _decoded(self[name])

    def mailbox(self, name: str) -> tuple[str, str]:
        """Display name and address."""
        display, email = parseaddr(self[name])
        return _decoded(display), email

    def body(self, kind: str = "text/plain") -> str:
        """The one part of this type, with lines ended by LF."""
        [part] = [part for part in self._parsed.walk() if part.get_content_type() == kind]
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        return content.decode().replace("\r\n", "\n")


def _decoded(text: str) -> str:
    return str(make_header(decode_header(text)))
