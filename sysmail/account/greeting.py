"""The name by which this machine introduces itself to the account's server (EHLO)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from sysmail.account.hosts import BadHost, normalise
from sysmail.config import Config
from sysmail.smtp import is_loopback_host

_SUB_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_IPV6 = "ipv6:"


def greeting_name(text: str) -> str:
    """As it is said: a full name in A-labels, or an address literal in brackets.

    RFC 5321 sections 2.3.5, 4.1.1.1 and 4.1.3; A-labels: RFC 6531 section 3.7.1. Raises BadHost.
    """
    text = text.strip()
    if text.startswith("["):
        return _literal(text)
    name = normalise(text)
    labels = name.split(".")
    is_full = len(labels) > 1 and not labels[-1].isdigit()
    if not is_full or not all(_SUB_DOMAIN.fullmatch(label) for label in labels):
        raise BadHost(text)
    return name


def greeting_names(config: Config, sender: str) -> list[str]:
    """Names worth offering, the likelier first: the portal's own, then the sender's domain."""
    hosts = (urlsplit(config.public_url).hostname or "", sender.rpartition("@")[2])
    return list(dict.fromkeys(name for host in hosts if (name := _offered(host))))


def _offered(host: str) -> str:
    """Never an address, nor a name that means every machine."""
    try:
        name = greeting_name(host)
    except BadHost:
        return ""
    is_own = name.startswith(("[", "localhost.")) or is_loopback_host(name)
    return "" if is_own else name


def _literal(text: str) -> str:
    inner = text.removeprefix("[").removesuffix("]")
    if text != f"[{inner}]" or "%" in inner:
        raise BadHost(text)
    try:
        if inner.lower().startswith(_IPV6):
            return f"[IPv6:{ipaddress.IPv6Address(inner[len(_IPV6) :])}]"
        return f"[{ipaddress.IPv4Address(inner)}]"
    except ValueError as error:
        raise BadHost(text) from error
