"""Verified TLS of version 1.2 or newer, what went wrong with it, and what certificates say."""

import hashlib
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sysmail.smtp import tickets
from sysmail.smtp.addresses import Ip, ascii_host
from sysmail.smtp.dialing import dial
from sysmail.smtp.endpoint import Endpoint, Trust
from sysmail.smtp.stream import Deadline
from sysmail.smtp.trouble import Failed, Kind, Phase

if TYPE_CHECKING:
    from cryptography import x509

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
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class BadCertificate(ValueError):
    """Text that holds no certificate, or something beside certificates that is secret."""


@dataclass(frozen=True)
class Certificate:
    """`names`: the hosts a server's certificate is for. `fingerprint`: SHA-256, 64 hex digits."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins_at: datetime
    expires_at: datetime
    fingerprint: str
    pem: str


def read_certificates(text: str) -> tuple[Certificate, ...]:
    """The certificates in a PEM text, in its order. Raises BadCertificate."""
    from cryptography import x509

    if "PRIVATE KEY" in text:
        raise BadCertificate("private key")
    try:
        found = x509.load_pem_x509_certificates(text.encode())
        return tuple(_told(certificate) for certificate in found)
    except ValueError as error:
        raise BadCertificate("no certificate") from error


def read_fingerprint(text: str) -> str:
    """64 hex digits of a fingerprint as tools show it ("SHA256 Fingerprint=AB:CD:…"), or of the
    first certificate in a PEM text. Raises BadCertificate."""
    if "-----BEGIN" in text:
        return read_certificates(text)[0].fingerprint
    digits = re.sub(r"(?i)^sha-?256( fingerprint)?\s*[=:]?|[\s:]", "", text.strip()).lower()
    if not _FINGERPRINT.fullmatch(digits):
        raise BadCertificate("no SHA-256")
    return digits


@dataclass(frozen=True)
class Trusting:
    """How a connection is verified. `pin`: the fingerprint of the one certificate accepted."""

    context: ssl.SSLContext
    pin: str = ""


@lru_cache(maxsize=32)
def trusting(ca_file: str | None, trust: Trust = Trust()) -> Trusting:  # noqa: B008
    """The system's authorities, those of `ca_file` and of the account, or its pin instead.
    Making one takes 30 ms: it is kept. Each has a context of its own, and with it its tickets.

    Raises Failed(tls_untrusted) where an authority cannot be read.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if ca_file:
            context.load_verify_locations(ca_file)
        if trust.authorities:
            context.load_verify_locations(cadata=trust.authorities)
    except OSError:
        raise Failed(Kind.TLS_UNTRUSTED, "CA file cannot be read", phase=Phase.TLS) from None
    if trust.authorities:
        # An intermediate authority may be trusted without its root.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if trust.fingerprint:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return Trusting(context, trust.fingerprint)


def handshake(
    connection: socket.socket, endpoint: Endpoint, seconds: float, implicit: bool
) -> ssl.SSLSocket:
    """Begin TLS with the endpoint's host. `implicit`: nothing was said in the clear before.

    Raises Failed at phase tls (the tls kinds, timeout, mismatch); the connection is closed then.
    """
    deadline = Deadline(seconds)
    try:
        trust = trusting(endpoint.ca_file, endpoint.trust)
        connection = secured = trust.context.wrap_socket(
            connection, server_hostname=ascii_host(endpoint.host), do_handshake_on_connect=False
        )
        if endpoint.resumes:
            tickets.offer(secured)
        secured.settimeout(deadline.left())
        secured.do_handshake()
        _compare(secured, trust.pin)
    except (OSError, ValueError, Failed) as error:
        if isinstance(connection, ssl.SSLSocket):
            tickets.forget(connection)
        connection.close()
        raise error if isinstance(error, Failed) else _failure(error, implicit) from None
    return secured


def certificate(connection: socket.socket) -> Certificate | None:
    """The server's own; None for a connection in the clear, or for what cannot be read."""
    from cryptography import x509

    shown = connection.getpeercert(True) if isinstance(connection, ssl.SSLSocket) else None
    try:
        return _told(x509.load_der_x509_certificate(shown)) if shown else None
    except ValueError:
        return None


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


def _compare(secured: ssl.SSLSocket, pin: str) -> None:
    """A pinned certificate is trusted whoever issued it, whatever its names and dates say
    (as RFC 7671, section 5.1, has it for DANE-EE); no other is."""
    if pin and hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest() != pin:
        raise Failed(Kind.TLS_UNTRUSTED, "another certificate than the pinned", phase=Phase.TLS)


def _hello() -> bytes:
    outgoing = ssl.MemoryBIO()
    secured = trusting(None).context.wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname="localhost"
    )
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


def _told(certificate: "x509.Certificate") -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    names: tuple[str, ...] = ()
    with suppress(x509.ExtensionNotFound):
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = tuple(str(name.value) for name in found.value)
    return Certificate(
        subject=_readable(certificate.subject),
        issuer=_readable(certificate.issuer),
        names=names,
        begins_at=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
    )


def _readable(name: "x509.Name") -> str:
    """The common name, or all there is; nothing that would change how a page reads."""
    from cryptography.x509.oid import NameOID

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(common[0].value) if common else name.rfc4514_string()
    return "".join(char if char.isprintable() else "?" for char in text)[:200]
