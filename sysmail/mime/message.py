"""A system mail as a value, and as the bytes that go after DATA."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from sysmail.mime import body
from sysmail.mime.address import Address
from sysmail.mime.guard import guard_head
from sysmail.mime.headers import folded, mailbox_field, text_field
from sysmail.mime.unsafe import Unsafe

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9_.+=~-]{1,120}@[A-Za-z0-9.-]{1,253}>")
_LIST_ID = re.compile(r"<[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*>")
_DELIVERY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EVENT = re.compile(r"[a-z][a-z_]{0,63}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_URI = re.compile(r"https?://(?!.*=\?)[A-Za-z0-9\[][A-Za-z0-9:/?#\[\]@!$&'*+;=%._~-]{0,900}")

_BODY_NAMES = ("Content-Type", "Content-Transfer-Encoding")


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One mail to one person.

    `message_id`, `in_reply_to`, `references` and `list_id` stand as in the header, in angle
    brackets; `date` is aware; `delivery` and `event` become X-Sysmail-Delivery and -Event;
    `language` is a BCP 47 tag; `list_unsubscribe` is one http or https URI, and brings
    one-click unsubscribing with it (RFC 8058).
    """

    sender: Address
    recipient: Address
    subject: str
    text: str
    html: str | None = None
    message_id: str
    date: datetime
    delivery: str
    event: str
    reply_to: Address | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    language: str = "en"
    list_id: str | None = None
    list_unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """An envelope and its content: `data` is a whole RFC 5322 message with CR LF line ends, not
    dot-stuffed; `sha256` its hash in hexadecimal; `smtputf8` whether MAIL must ask for it."""

    envelope_from: str
    envelope_to: str
    data: bytes
    sha256: str
    smtputf8: bool


def build(message: Message) -> Built:
    """The bytes of a message, always the same for the same message. Raises `Unsafe`."""
    fields = _fields(message)
    entity = body.entity(message.text, message.html)
    own_head = "\r\n".join(fields.values()).encode() + b"\r\n"
    addresses = (message.sender, message.recipient, message.reply_to)
    smtputf8 = any(address is not None and address.needs_smtputf8 for address in addresses)
    head = own_head + entity.partition(b"\r\n\r\n")[0]
    guard_head(head, (*fields, *_BODY_NAMES), smtputf8=smtputf8)
    data = own_head + entity
    return Built(
        message.sender.wire, message.recipient.wire, data, sha256(data).hexdigest(), smtputf8
    )


def _fields(message: Message) -> dict[str, str]:
    """Field name → the whole field, in the order of the header, without the body's two."""
    fields = {
        "From": mailbox_field("From", message.sender),
        "To": mailbox_field("To", message.recipient),
    }
    if message.reply_to:
        fields["Reply-To"] = mailbox_field("Reply-To", message.reply_to)
    fields["Subject"] = text_field("Subject", message.subject)
    fields["Date"] = f"Date: {_date(message.date)}"
    fields["Message-ID"] = _matching("Message-ID", _MESSAGE_ID, message.message_id)
    _add_thread(fields, message)
    _add_list(fields, message)
    fields["Auto-Submitted"] = "Auto-Submitted: auto-generated"
    fields["X-Sysmail-Delivery"] = _matching("X-Sysmail-Delivery", _DELIVERY, message.delivery)
    fields["X-Sysmail-Event"] = _matching("X-Sysmail-Event", _EVENT, message.event)
    fields["MIME-Version"] = "MIME-Version: 1.0"
    fields["Content-Language"] = _matching("Content-Language", _LANGUAGE, message.language)
    return fields


def _add_thread(fields: dict[str, str], message: Message) -> None:
    if message.in_reply_to:
        fields["In-Reply-To"] = _matching("In-Reply-To", _MESSAGE_ID, message.in_reply_to)
    if message.references:
        for reference in message.references:
            _matching("References", _MESSAGE_ID, reference)
        fields["References"] = folded("References", message.references)


def _add_list(fields: dict[str, str], message: Message) -> None:
    if message.list_id:
        fields["List-Id"] = _matching("List-Id", _LIST_ID, message.list_id)
    if message.list_unsubscribe:
        _matching("List-Unsubscribe", _URI, message.list_unsubscribe)
        fields["List-Unsubscribe"] = f"List-Unsubscribe: <{message.list_unsubscribe}>"
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe-Post: List-Unsubscribe=One-Click"


def _matching(name: str, pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise Unsafe(name, "the value has not the expected form")
    return f"{name}: {value}"


@lru_cache(maxsize=256)
def _date(date: datetime) -> str:
    if date.tzinfo is None:
        raise Unsafe("Date", "the time has no zone")
    return format_datetime(date.astimezone(UTC))
