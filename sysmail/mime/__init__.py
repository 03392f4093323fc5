"""Mail as bytes: addresses, RFC 5322 header fields, MIME bodies, and a guard over the result."""

from sysmail.mime.address import Address
from sysmail.mime.canary import canary
from sysmail.mime.guard import guard
from sysmail.mime.headers import one_line
from sysmail.mime.message import Built, Message, build
from sysmail.mime.unsafe import Unsafe

__all__ = ["Address", "Built", "Message", "Unsafe", "build", "canary", "guard", "one_line"]
