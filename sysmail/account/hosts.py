"""Mail server names: one normal form, and which addresses they stand for by themselves."""

from __future__ import annotations

import ipaddress
import re

import idna

from sysmail.smtp import is_loopback_host, may_dial

Literal = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# The C library reads 127.1 and 0x7f000001 as addresses; a host name's last label is no number.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class BadHost(ValueError):
    """Neither a host name nor an IP address."""


def normalise(host: str) -> str:
    """Lower case, A-labels (RFC 5891), no trailing dot; an address in its shortest form.

    A single label and underscores are accepted: intranets have both. Raises BadHost.
    """
    host = host.strip()
    if address := _literal(host):
        return str(address)
    name = _a_labels(host.removesuffix(".").lower())
    labels = name.split(".")
    fits = len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    if not fits or _NUMBER.fullmatch(labels[-1]):
        raise BadHost(host)
    return name


def is_loopback(host: str) -> bool:
    """Whether a normalised host is this machine by definition (RFC 6761 section 6.3)."""
    return is_loopback_host(host)


def is_private(host: str) -> bool:
    """A loopback host, or an address literal that the public network does not route."""
    address = _literal(host)
    return is_loopback(host) or (address is not None and not may_dial(address, private=False))


def is_never_dialled(host: str) -> bool:
    """Link-local (cloud metadata among them), multicast and unspecified address literals."""
    address = _literal(host)
    return address is not None and not may_dial(address, private=True)


def _literal(host: str) -> Literal | None:
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    try:
        return None if "%" in host else ipaddress.ip_address(host)
    except ValueError:
        return None


def _a_labels(name: str) -> str:
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True, std3_rules=True).decode("ascii").removesuffix(".")
    except idna.IDNAError as error:
        raise BadHost(name) from error
