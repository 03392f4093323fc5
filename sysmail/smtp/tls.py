"""Verified TLS of version 1.2 or newer, and what went wrong with it."""

import socket
import ssl
from contextlib import suppress
from functools import lru_cache

from sysmail.smtp import tickets
from sysmail.smtp.addresses import Ip
from sysmail.smtp.dialing import dial
from sysmail.smtp.stream import Deadline
from sysmail.smtp.trouble import Failed, Kind, Phase

# Numbers of OpenSSL's x509_vfy.h; what is not named here is a matter of trust.
_VERIFY_KINDS = {
    9: Kind.TLS_NOT_YET_VALID,
    10: Kind.TLS_EXPIRED,
    62: Kind.TLS_WRONG_NAME,
    64: Kind.TLS_WRONG_NAME,
}
_TOO_OLD = {
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "WRONG_SSL_VERSION",
    "VERSION_TOO_LOW",
    "NO_PROTOCOLS_AVAILABLE",
    "INAPPROPRIATE_FALLBACK",
}
# What OpenSSL says when the first bytes are text instead of a TLS record.
_TEXT = {"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"}
_RECORD_STARTS = (b"\x15\x03", b"\x16\x03")


@lru_cache(maxsize=32)
def context(ca_file: str | None) -> ssl.SSLContext:
    """The system's authorities and those of `ca_file`. Making one takes 30 ms: it is kept.

    Raises OSError (also ssl.SSLError) when the file cannot be read.
    """
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        made.load_verify_locations(ca_file)
    return made


def handshake(
    connection: socket.socket, host: str, ca_file: str | None, seconds: float, implicit: bool
) -> ssl.SSLSocket:
    """Begin TLS with the server of that name. `implicit`: nothing was said in the clear before.

    Raises Failed at phase tls (the tls kinds, timeout, mismatch); the connection is closed then.
    """
    deadline = Deadline(seconds)
    try:
        connection = secured = _context(ca_file).wrap_socket(
            connection, server_hostname=host, do_handshake_on_connect=False
        )
        tickets.offer(secured)
        secured.settimeout(deadline.left())
        secured.do_handshake()
    except (OSError, ValueError, Failed) as error:
        if isinstance(connection, ssl.SSLSocket):
            tickets.forget(connection)
        connection.close()
        raise error if isinstance(error, Failed) else _failure(error, implicit) from None
    return secured


def version(connection: socket.socket) -> str | None:
    """Like "TLSv1.3"; None for a connection in the clear."""
    return connection.version() if isinstance(connection, ssl.SSLSocket) else None


def is_resumed(connection: socket.socket) -> bool:
    """Whether the handshake was shortened by a session of an earlier connection."""
    return isinstance(connection, ssl.SSLSocket) and bool(connection.session_reused)


def is_record(start: bytes) -> bool:
    """Whether bytes begin a TLS alert or handshake record, not a line of text."""
    return bytes(start[:2]) in _RECORD_STARTS


def answers_hello(ip: Ip, port: int, seconds: float) -> bool:
    """Whether a second connection, greeted with a TLS hello, is answered in TLS."""
    deadline = Deadline(seconds)
    try:
        with dial([ip], port, seconds) as connection:
            connection.settimeout(deadline.left())
            connection.sendall(_hello())
            return is_record(connection.recv(2, socket.MSG_WAITALL))
    except (Failed, OSError):
        return False


def _context(ca_file: str | None) -> ssl.SSLContext:
    try:
        return context(ca_file)
    except OSError:
        raise Failed(Kind.TLS_UNTRUSTED, "CA file cannot be read", phase=Phase.TLS) from None


def _hello() -> bytes:
    outgoing = ssl.MemoryBIO()
    secured = context(None).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        secured.do_handshake()
    return outgoing.read()


def _failure(error: OSError | ValueError, implicit: bool) -> Failed:
    if isinstance(error, ssl.SSLCertVerificationError):
        kind = _VERIFY_KINDS.get(error.verify_code, Kind.TLS_UNTRUSTED)
        return Failed(kind, error.verify_message or "certificate refused", phase=Phase.TLS)
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    if reason in _TOO_OLD:
        return Failed(Kind.TLS_TOO_OLD, "protocol too old", phase=Phase.TLS)
    if reason in _TEXT and implicit:
        return Failed(Kind.MISMATCH, "text where TLS was due", phase=Phase.TLS)
    if isinstance(error, TimeoutError):
        return Failed(Kind.TIMEOUT, "handshake not finished in time", phase=Phase.TLS)
    return Failed(Kind.TLS_FAILED, "handshake broken off", phase=Phase.TLS)
