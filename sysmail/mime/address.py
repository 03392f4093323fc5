"""One plain mailbox address, and the form it takes on the wire."""

import re
import unicodedata
from dataclasses import dataclass, field

import idna

from sysmail.mime.unsafe import Unsafe

LOCAL_OCTETS = 64  # RFC 5321 4.5.3.1.1
ADDRESS_OCTETS = 254  # RFC 5321 4.5.3.1.3: a path of 256 less its angle brackets

# RFC 5322 3.2.3 atext, less % and !, which old relays read as routes, plus RFC 6531's non-ASCII.
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_LOCAL = re.compile(rf"(?![-|/]){_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)*(?![0-9]+\Z){_LABEL}")
_HAS_A_LABEL = re.compile(r"(?:^|\.)xn--", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """An addr-spec (RFC 5322 3.4.1) without quotes, comments or routes, and a display name.

    `wire` is the form for envelope and header fields: the domain as A-labels (RFC 5890), or as
    U-labels where the local part itself needs SMTPUTF8. The name may hold anything; it is made
    harmless where it is written. Raises `Unsafe` with the field `email`.
    """

    email: str
    name: str = ""
    wire: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wire", _wire(self.email))

    @property
    def needs_smtputf8(self) -> bool:
        """The local part is not ASCII, so only a server with SMTPUTF8 (RFC 6531) can take it."""
        return not self.wire.isascii()


def _wire(email: str) -> str:
    if len(email) > ADDRESS_OCTETS:
        raise Unsafe("email", "the address is too long")
    local, at, domain = email.rpartition("@")
    if not at:
        raise Unsafe("email", "there is no @")
    _check_local(local)
    wire = f"{local}@{_wire_domain(domain, international=not local.isascii())}"
    if len(wire.encode()) > ADDRESS_OCTETS:
        raise Unsafe("email", "the address is too long")
    return wire


def _check_local(local: str) -> None:
    if not _LOCAL.fullmatch(local) or "=?" in local:
        raise Unsafe("email", "the part before the @ is not plain")
    if not local.isascii():
        _check_international(local)
    if len(local.encode()) > LOCAL_OCTETS:
        raise Unsafe("email", "the part before the @ is too long")


def _check_international(local: str) -> None:
    if any(unicodedata.category(character)[0] in "CZ" for character in local):
        raise Unsafe("email", "the part before the @ holds invisible characters")
    # A full-width comma or at sign becomes the ASCII one in software that normalises.
    if not _LOCAL.fullmatch(unicodedata.normalize("NFKC", local)):
        raise Unsafe("email", "the part before the @ is not plain")


def _wire_domain(domain: str, *, international: bool) -> str:
    if domain.isascii() and not _HAS_A_LABEL.search(domain):
        ascii_domain = domain.lower()
    else:
        ascii_domain = _a_labels(domain)
    if not _DOMAIN.fullmatch(ascii_domain):
        raise Unsafe("email", "the domain is not a host name")
    return idna.decode(ascii_domain) if international and "xn--" in ascii_domain else ascii_domain


def _a_labels(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError as error:
        raise Unsafe("email", "the domain is not a host name") from error
