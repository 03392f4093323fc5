"""A system mail as a value, and as the bytes that go after DATA."""

import re
from dataclasses import dataclass, fields
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

_OWN = ("recipient", "message_id", "delivery", "list_unsubscribe")
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


_SHARED = tuple(one.name for one in fields(Message) if one.name not in _OWN)


def build(message: Message) -> Built:
    """The bytes of a message, always the same for the same message. Raises `Unsafe`."""
    mailing = Mailing(**{name: getattr(message, name) for name in _SHARED})
    return mailing.to(
        message.recipient, message.message_id, message.delivery, message.list_unsubscribe
    )


class Mailing:
    """What the copies of one mail to many people share, made and guarded once.

    Takes a Message's arguments but the four of `to`. Raises `Unsafe`.
    """

    def __init__(
        self,
        *,
        sender: Address,
        subject: str,
        text: str,
        html: str | None,
        date: datetime,
        event: str,
        reply_to: Address | None = None,
        in_reply_to: str | None = None,
        references: tuple[str, ...] = (),
        language: str = "en",
        list_id: str | None = None,
    ) -> None:
        shared = {"From": mailbox_field("From", sender)}
        if reply_to:
            shared["Reply-To"] = mailbox_field("Reply-To", reply_to)
        shared["Subject"] = text_field("Subject", subject)
        shared["Date"] = f"Date: {_date(date)}"
        _add_thread(shared, in_reply_to, references)
        if list_id:
            shared["List-Id"] = _matching("List-Id", _LIST_ID, list_id)
        shared["Auto-Submitted"] = "Auto-Submitted: auto-generated"
        shared["X-Sysmail-Event"] = _matching("X-Sysmail-Event", _EVENT, event)
        shared["MIME-Version"] = "MIME-Version: 1.0"
        shared["Content-Language"] = _matching("Content-Language", _LANGUAGE, language)
        self._sender = sender.wire
        self._smtputf8 = any(one is not None and one.needs_smtputf8 for one in (sender, reply_to))
        self._top = "\r\n".join(shared.values()).encode() + b"\r\n"
        self._entity = body.entity(text, html)
        head = self._top + self._entity.partition(b"\r\n\r\n")[0]
        guard_head(head, (*shared, *_BODY_NAMES), smtputf8=self._smtputf8)

    def to(
        self,
        recipient: Address,
        message_id: str,
        delivery: str,
        list_unsubscribe: str | None = None,
    ) -> Built:
        """The copy for one person, always the same bytes for the same values. Raises `Unsafe`."""
        own = {
            "To": mailbox_field("To", recipient),
            "Message-ID": _matching("Message-ID", _MESSAGE_ID, message_id),
            "X-Sysmail-Delivery": _matching("X-Sysmail-Delivery", _DELIVERY, delivery),
        }
        if list_unsubscribe:
            _matching("List-Unsubscribe", _URI, list_unsubscribe)
            own["List-Unsubscribe"] = f"List-Unsubscribe: <{list_unsubscribe}>"
            own["List-Unsubscribe-Post"] = "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
        head = "\r\n".join(own.values()).encode()
        guard_head(head, own, smtputf8=recipient.needs_smtputf8)
        data = b"%s\r\n%s%s" % (head, self._top, self._entity)
        smtputf8 = self._smtputf8 or recipient.needs_smtputf8
        return Built(self._sender, recipient.wire, data, sha256(data).hexdigest(), smtputf8)


def _add_thread(
    fields: dict[str, str], in_reply_to: str | None, references: tuple[str, ...]
) -> None:
    if in_reply_to:
        fields["In-Reply-To"] = _matching("In-Reply-To", _MESSAGE_ID, in_reply_to)
    if references:
        for reference in references:
            _matching("References", _MESSAGE_ID, reference)
        fields["References"] = folded("References", references)


def _matching(name: str, pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise Unsafe(name, "the value has not the expected form")
    return f"{name}: {value}"


@lru_cache(maxsize=256)
def _date(date: datetime) -> str:
    if date.tzinfo is None:
        raise Unsafe("Date", "the time has no zone")
    return format_datetime(date.astimezone(UTC))
