"""Header fields of our own making: the standard library's can be talked into extra ones.

Lines stay within 76 characters, RFC 2047's limit where encoded words stand and inside RFC 5322's
78. Only a single token longer than that (an address, an identifier, a URI) makes a longer line,
since an empty first line before it is what some receivers stumble over.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache

from sysmail.mime.address import Address

LINE = 76  # RFC 2047 2, for lines that hold encoded words
WORD = 75  # RFC 2047 2

_SHELL = len("=?utf-8?q?") + len("?=")
_UNSEEN = re.compile(
    # White space among the controls (TAB, LF, VT, FF, CR, FS to US, NEL) is folded, not removed.
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")  # RFC 5322 3.2.3 atext and blanks
# RFC 2047 5 (3): the only characters that may stand for themselves in a phrase.
_BARE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
_QUOTED = [chr(o) if chr(o) in _BARE else "_" if o == 32 else f"={o:02X}" for o in range(256)]


def one_line(text: str) -> str:
    """Text fit for a header: no control or bidi characters, white space folded to one blank."""
    if not text.isprintable():
        text = _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text))
    return " ".join(text.split())


@lru_cache(maxsize=256)
def text_field(name: str, text: str) -> str:
    """The field `name` with free text (RFC 5322 3.6.5), folded, without the final line break."""
    text = one_line(text)
    room = LINE - len(name) - 2
    words = text.split(" ")
    if not _is_plain(words, text, room):
        words = encoded_words(text, room)
    return folded(name, words)


def mailbox_field(name: str, address: Address) -> str:
    """The field `name` with one mailbox (RFC 5322 3.4), its display name as a phrase."""
    phrase = one_line(address.name)
    if not phrase:
        return f"{name}: {address.wire}"
    return folded(name, [*_phrase(phrase, LINE - len(name) - 2), f"<{address.wire}>"])


def folded(name: str, tokens: Sequence[str]) -> str:
    """The field `name` with its tokens, a line break before each that would pass the limit."""
    line = f"{name}: {tokens[0]}"
    lines = []
    for token in tokens[1:]:
        if len(line) + 1 + len(token) > LINE:
            lines.append(line)
            line = ""
        line += " " + token
    lines.append(line)
    return "\r\n".join(lines)


def encoded_words(text: str, room: int) -> list[str]:
    """RFC 2047 encoded words for the text, the first at most `room` characters, the others 75.

    Each holds whole characters only (5 (3)). Q keeps Latin text readable in a mail's source; B is
    taken where more than a third of the octets would be quoted.
    """
    if len(_quoted(text)) * 3 <= len(text.encode()) * 5:
        pieces = _pieces(text, lambda c: len(_quoted(c)), room - _SHELL, WORD - _SHELL)
        return [f"=?utf-8?q?{_quoted(piece)}?=" for piece in pieces]
    octets = (room - _SHELL) // 4 * 3
    pieces = _pieces(text, lambda c: len(c.encode()), octets, (WORD - _SHELL) // 4 * 3)
    return [f"=?utf-8?b?{b64encode(piece.encode()).decode()}?=" for piece in pieces]


def _phrase(phrase: str, room: int) -> list[str]:
    if _PHRASE.fullmatch(phrase):
        words = phrase.split(" ")
    else:
        escaped = phrase.replace("\\", "\\\\").replace('"', '\\"')
        words = f'"{escaped}"'.split(" ")
    return words if _is_plain(words, phrase, room) else encoded_words(phrase, room)


def _is_plain(words: Sequence[str], text: str, room: int) -> bool:
    # What looks like an encoded word would be decoded by the reader, so it is encoded itself.
    return (
        text.isascii()
        and "=?" not in text
        and len(words[0]) <= room
        and all(len(word) < LINE for word in words)
    )


def _pieces(text: str, cost: Callable[[str], int], room: int, later_room: int) -> list[str]:
    pieces, start, used = [], 0, 0
    for position, character in enumerate(text):
        size = cost(character)
        if used + size > room:
            pieces.append(text[start:position])
            start, used, room = position, 0, later_room
        used += size
    return [*pieces, text[start:]]


def _quoted(text: str) -> str:
    return "".join(map(_QUOTED.__getitem__, text.encode()))
