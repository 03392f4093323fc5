"""TLS sessions kept for the next connection to the same server under the same trust."""

import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sysmail import clock

_MOST = 64
_LONGEST = timedelta(hours=1)

Place = tuple[ssl.SSLContext, str | None, int]


class _Kept(NamedTuple):
    session: ssl.SSLSession
    until: datetime


# Single operations on a dict are atomic, so threads share it without a lock.
_kept: dict[Place, _Kept] = {}


def place_of(connection: ssl.SSLSocket) -> Place:
    """Context (which stands for the authorities trusted), name and port. Raises OSError."""
    return connection.context, connection.server_hostname, connection.getpeername()[1]


def offer(connection: ssl.SSLSocket) -> None:
    """Before the handshake: shorten it if the server agrees. A resumed session shows no
    certificate, so none is offered beyond the life of the one that was verified."""
    with suppress(OSError):
        kept = _kept.get(place_of(connection))
        if kept is not None and clock.now() < kept.until:
            connection.session = kept.session


def keep(connection: ssl.SSLSocket) -> None:
    """Before closing: TLS 1.3 brings what can be resumed only after the handshake. What was
    resumed is resumed again until its time is over, or until the server declines."""
    if connection.session_reused:
        return
    with suppress(OSError, ValueError):
        until = clock.now() + _LONGEST
        # Empty where the context verifies no dates because a certificate is pinned.
        if certificate := connection.getpeercert():
            expires = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
            until = min(datetime.fromtimestamp(expires, UTC), until)
        if connection.session is None:
            return
        if len(_kept) >= _MOST:
            _kept.clear()
        _kept[place_of(connection)] = _Kept(connection.session, until)


def forget(connection: ssl.SSLSocket) -> None:
    """After a handshake that failed."""
    with suppress(OSError):
        _kept.pop(place_of(connection), None)
