"""Bodies in seven bits, whatever was typed.

What arrives is what was typed, with three documented changes: every line break (CR LF, lone CR,
lone LF) becomes one line break, the text ends with one, and what no mail may hold (C0 controls
other than tab and line breaks, lone surrogates) becomes U+FFFD.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from functools import lru_cache
from hashlib import sha256

from sysmail.mime.guard import guard_lines

_C0 = bytes(o for o in range(32) if o not in b"\t\n")
_C0_OCTET = re.compile(b"[" + re.escape(_C0) + b"]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


@lru_cache(maxsize=64)
def entity(text: str, html: str | None) -> bytes:
    """The MIME fields and the guarded body: text/plain, or multipart/alternative with `html`.

    What one event tells is the same for many people, so the last ones are kept.
    """
    made = _entity("plain", text) if html is None else _alternative(text, html)
    guard_lines(made)
    return made


def _alternative(text: str, html: str) -> bytes:
    """The boundary comes from the content alone. It starts with `=_`, which neither
    quoted-printable nor base64 can produce, so no part can contain it (RFC 2045 6.7).
    """
    seed = f"{text}\0{html}".encode(errors="surrogatepass")
    boundary = f"=_{sha256(seed).hexdigest()[:24]}".encode()
    return b"".join(
        (
            b'Content-Type: multipart/alternative; boundary="%s"\r\n' % boundary,
            b"Content-Transfer-Encoding: 7bit\r\n\r\n",
            b"--%s\r\n%s\r\n" % (boundary, _entity("plain", text)),
            b"--%s\r\n%s\r\n" % (boundary, _entity("html", html)),
            b"--%s--\r\n" % boundary,
        )
    )


def _entity(subtype: str, text: str) -> bytes:
    encoding, body = _encoded(_octets(text))
    fields = (
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return fields.encode() + body


def _octets(text: str) -> bytes:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.endswith("\n"):
        text += "\n"
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        octets = _SURROGATE.sub(_REPLACEMENT, text).encode()
    if len(octets.translate(None, _C0)) < len(octets):
        octets = _C0_OCTET.sub(_REPLACEMENT.encode(), octets)
    return octets


def _encoded(octets: bytes) -> tuple[str, bytes]:
    quoted = b2a_qp(octets).replace(b"\n", b"\r\n")
    if len(quoted) * 3 <= len(octets) * 4:
        return "quoted-printable", quoted
    # RFC 2045 6.8: line breaks of text are CR LF before they are base64.
    base64 = encodebytes(octets.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
    if len(quoted) <= len(base64):
        return "quoted-printable", quoted
    return "base64", base64
