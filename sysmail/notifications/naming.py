"""Names a mail carries in its header, made from what never changes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from sysmail.events import Event
from sysmail.mime import Address

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def domain_of(sender: str) -> str:
    """The sender's domain in ASCII, as identifiers need it. Raises Unsafe."""
    return Address("x@" + sender.rpartition("@")[2]).wire.rpartition("@")[2]


def message_id(delivery_id: int, created_at: datetime, domain: str) -> str:
    """The same for every copy of a delivery, and no other's (RFC 5322 section 3.6.4)."""
    microseconds = (created_at - _EPOCH) // timedelta(microseconds=1)
    return f"<delivery.{delivery_id}.{microseconds}@{domain}>"


def thread(record_id: int, key: bytes, domain: str) -> str:
    """What all mails about a record refer to, so that mail programs show them together."""
    mark = hmac.new(key, f"record {record_id}".encode(), hashlib.sha256).hexdigest()[:16]
    return f"<record.{record_id}.{mark}@{domain}>"


def list_id(event: Event, domain: str) -> str:
    """Each app is a list, and so is the audit log (RFC 2919)."""
    return f"<audit-log.{domain}>" if event.app_id is None else f"<app-{event.app_id}.{domain}>"


def summaries_id(domain: str) -> str:
    """All summaries are one list."""
    return f"<summaries.{domain}>"
