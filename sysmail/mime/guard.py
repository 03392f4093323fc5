"""The last look at finished bytes: what was not meant to be there is refused."""

import re
from base64 import b64decode
from binascii import a2b_qp
from collections.abc import Iterable

from sysmail.mime.unsafe import Unsafe

LINE_OCTETS = 998  # RFC 5322 2.1.1
SIGNATURE = "DKIM-Signature"

_PLAIN = bytes((9, 10, 13, *range(32, 127)))
_EIGHT_BIT = bytes(range(128, 256))
_ENCODED_WORD = re.compile(rb"=\?utf-8\?([bq])\?([!->@-~]+)\?=")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def guard(data: bytes, expected_names: Iterable[str], *, smtputf8: bool = False) -> None:
    """Raises `Unsafe` unless the message holds exactly the expected header fields, each once
    (DKIM-Signature at most twice), lines of at most 998 octets ended by CR LF, and nothing but
    ASCII text.

    With `smtputf8` the header (not the body) may hold UTF-8. Encoded words must be of our own
    making and must not decode to control characters, for a later program may decode them.
    """
    head, blank, _ = data.partition(b"\r\n\r\n")
    if not blank or not data.endswith(b"\r\n"):
        raise Unsafe("data", "the message is not complete")
    guard_head(head, expected_names, smtputf8=smtputf8)
    guard_lines(data[len(head) :])


def guard_head(head: bytes, expected_names: Iterable[str], *, smtputf8: bool = False) -> None:
    """The header's part of `guard`; `head` is without the blank line that ends it."""
    _check_octets(head, head if smtputf8 else b"")
    _check_names(head, sorted(expected_names))
    if b"=?" in head:
        _check_encoded_words(head)


def guard_lines(body: bytes) -> None:
    """The body's part of `guard`: lines of ASCII text. Raises `Unsafe`."""
    _check_octets(body, b"")


def _check_octets(data: bytes, international: bytes) -> None:
    breaks = data.count(b"\r\n")
    if data.count(b"\r") != breaks or data.count(b"\n") != breaks:
        raise Unsafe("data", "a line break is not CR LF")
    if max(map(len, data.split(b"\r\n"))) > LINE_OCTETS:
        raise Unsafe("data", "a line is too long")
    strange = data.translate(None, _PLAIN)
    if strange and strange != international.translate(None, _PLAIN):
        raise Unsafe("data", "a character is not ASCII text")
    if strange.translate(None, _EIGHT_BIT):
        raise Unsafe("data", "a character is a control")


def _check_names(head: bytes, expected: list[str]) -> None:
    names: list[str] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and names and line.strip():
            continue
        name, colon, _ = line.partition(b":")
        names.append(name.decode("latin-1") if colon else "")
    once = len({name.lower() for name in names}) + (names.count(SIGNATURE) == 2)
    if sorted(names) != expected or once != len(names):
        raise Unsafe("data", "the header fields are not the expected ones")


def _check_encoded_words(head: bytes) -> None:
    if b"=?" in _ENCODED_WORD.sub(b"", head):
        raise Unsafe("data", "an encoded word is not ours")
    for encoding, payload in _ENCODED_WORD.findall(head):
        octets = b64decode(payload) if encoding == b"b" else a2b_qp(payload, header=True)
        try:
            text = octets.decode()
        except UnicodeDecodeError as error:
            raise Unsafe("data", "an encoded word splits a character") from error
        if _CONTROL.search(text):
            raise Unsafe("data", "an encoded word hides a control character")
