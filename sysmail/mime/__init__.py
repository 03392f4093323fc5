"""Mail as bytes: addresses, RFC 5322 header fields, MIME bodies, and a guard over the result."""

from sysmail.mime.address import Address
from sysmail.mime.canary import canary
from sysmail.mime.dkim import (
    ED25519,
    RSA,
    SigningKey,
    key_record,
    load_key,
    make_key,
    sign,
    signed,
)
from sysmail.mime.guard import guard
from sysmail.mime.headers import one_line
from sysmail.mime.message import Built, Mailing, Message, build
from sysmail.mime.unsafe import Unsafe

__all__ = [
    "ED25519",
    "RSA",
    "Address",
    "Built",
    "Mailing",
    "Message",
    "SigningKey",
    "Unsafe",
    "build",
    "canary",
    "guard",
    "key_record",
    "load_key",
    "make_key",
    "one_line",
    "sign",
    "signed",
]
