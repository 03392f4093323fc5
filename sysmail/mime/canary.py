"""A hostile message built at start, so that a broken encoder or guard never sends a mail."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.parser import BytesParser

from sysmail.mime.address import Address
from sysmail.mime.guard import guard
from sysmail.mime.message import Built, Message, build
from sysmail.mime.unsafe import Unsafe

Encoder = Callable[[Message], Built]
Guard = Callable[[bytes, Iterable[str]], None]

# On CPython 3.11 EmailMessage(policy=SMTP) writes a Bcc field when it is given this subject.
_SUBJECT = "=?utf-8?q?hello=0D=0ABcc:_victim@example.com?="
_TEXT = ".\r.\r\n..\n.\rMAIL FROM:<x@example.com>\r\n"
_HOSTILE = Message(
    sender=Address("no-reply@example.com", 'Sysmail\r\nBcc: victim@example.com, "x"'),
    recipient=Address("alice@example.com", f"{_SUBJECT} , <victim@example.com>"),
    subject=_SUBJECT,
    text=_TEXT,
    html=f"<p>{_TEXT}</p>",
    message_id="<canary@example.com>",
    date=datetime(2000, 1, 1, tzinfo=UTC),
    delivery="canary",
    event="test",
)
_NAMES = (
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Sysmail-Delivery"),
    *("X-Sysmail-Event", "MIME-Version", "Content-Language"),
    *("Content-Type", "Content-Transfer-Encoding"),
)


def canary(build: Encoder = build, guard: Guard = guard) -> None:
    """Builds and reads back a hostile message, and tampers with it.

    Raises RuntimeError when the encoder lets something through or the guard overlooks something.
    """
    try:
        data = build(_HOSTILE).data
    except Unsafe as refusal:
        raise RuntimeError("The mail encoder refuses the canary message.") from refusal
    _check_reading(data)
    for tampered in _tampered(data):
        _check_refusal(guard, tampered)


def _check_reading(data: bytes) -> None:
    parsed = BytesParser().parsebytes(data)
    if sorted(parsed.keys()) != sorted(_NAMES):
        raise RuntimeError("The mail encoder wrote other header fields than it was told to.")
    if str(make_header(decode_header(parsed["Subject"]))) != _SUBJECT:
        raise RuntimeError("The mail encoder changed the subject.")
    if [part.get_content_type() for part in parsed.walk()][1:] != ["text/plain", "text/html"]:
        raise RuntimeError("The mail encoder changed the body.")


def _tampered(data: bytes) -> list[bytes]:
    return [
        b"Bcc: victim@example.com\r\n" + data,
        data.replace(b"Subject: ", b"Subject: x\r\nBcc: victim@example.com\r\nX: ", 1),
        data.replace(b"Subject: ", b"Subject: " + _SUBJECT.encode() + b" ", 1),
        data.replace(b"MIME-Version: 1.0\r\n", b"", 1),
        data.replace(b"\r\n\r\n", b"\n\n", 1),
        *(data + extra for extra in (b".\r", b".\n", b"\x00\r\n", b"\xff\r\n", b"x" * 999)),
    ]


def _check_refusal(guard: Guard, tampered: bytes) -> None:
    try:
        guard(tampered, _NAMES)
    except Unsafe:
        return
    raise RuntimeError("The mail guard overlooked a message that was tampered with.")
