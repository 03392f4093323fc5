"""A message to vary, and a reader that is not ours."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Parsed
from email.utils import parseaddr

import pytest

from sysmail.mime import Address, Message, build

PLAIN = Message(
    sender=Address("no-reply@portal.example.com", "Portal"),
    recipient=Address("bob@example.com", "Bob"),
    subject="Record added",
    text="Hello\n",
    message_id="<7.delivery@portal.example.com>",
    date=datetime(2025, 3, 1, 9, 30, tzinfo=UTC),
    delivery="7",
    event="record_added",
)


class Reader:
    """Reads finished bytes with the standard library's oldest, plainest parser."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.head = data.partition(b"\r\n\r\n")[0].decode()
        self.parsed: Parsed = message_from_bytes(data)

    def raw(self, name: str) -> str:
        return re.sub(r"\r?\n(?=[ \t])", "", str(self.parsed[name]))

    def text(self, name: str) -> str:
        return str(make_header(decode_header(self.raw(name))))

    def mailbox(self, name: str) -> tuple[str, str]:
        display, email = parseaddr(self.raw(name))
        return str(make_header(decode_header(display))), email

    def bodies(self) -> list[str]:
        leaves = [part for part in self.parsed.walk() if not part.is_multipart()]
        return [part.get_payload(decode=True).decode() for part in leaves]


@pytest.fixture(scope="session")
def message() -> Callable[..., Message]:
    return lambda **changes: replace(PLAIN, **changes)


@pytest.fixture(scope="session")
def read(message: Callable[..., Message]) -> Callable[..., Reader]:
    return lambda **changes: Reader(build(message(**changes)).data)
