"""What the DNS says about a sender, asked within one deadline, each question once."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from sysmail import clock
from sysmail.smtp import Resolver, Trouble

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_ESCAPE = re.compile(r"\\(\d{3}|.)")


class Unanswered(Exception):
    """No usable answer: a server that fails or is silent, or the deadline is over."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Lookup:
    """`until` is a time of the monotonic clock."""

    resolver: Resolver
    until: float
    _known: dict[tuple[str, str], list[str] | Trouble] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        """TXT records, the strings of each put together (RFC 7208 section 3.3)."""
        return [_joined(text) for text in self._ask(name, "TXT")]

    def addresses(self, name: str, versions: tuple[int, ...] = (4, 6)) -> list[Ip]:
        """Those of the host, by IP version."""
        kinds = [{4: "A", 6: "AAAA"}[version] for version in versions]
        return [ipaddress.ip_address(text) for kind in kinds for text in self._ask(name, kind)]

    def mail_hosts(self, name: str) -> list[str]:
        """MX hosts by preference, without the root's dot; [""] is a null MX (RFC 7505)."""
        split = [text.split() for text in self._ask(name, "MX")]
        return [_bare(host) for _, host in sorted((int(rank), host) for rank, host in split)]

    def names(self, ip: Ip) -> list[str]:
        """The reverse names of an address."""
        return [_bare(text) for text in self._ask(ip.reverse_pointer, "PTR")]

    def _ask(self, name: str, kind: str) -> list[str]:
        key = (_bare(name), kind)
        if key not in self._known:
            if clock.monotonic() > self.until:
                raise Unanswered(name)
            self._known[key] = self.resolver.records(*key)
        found = self._known[key]
        if isinstance(found, Trouble):
            raise Unanswered(name)
        return found


def _bare(name: str) -> str:
    return name.lower().removesuffix(".")


def _joined(text: str) -> str:
    return "".join(_plain(quoted or bare) for quoted, bare in _STRING.findall(text))


def _plain(text: str) -> str:
    """A character string without the escapes of zone files (RFC 1035 section 5.1)."""
    return _ESCAPE.sub(lambda found: _character(found[1]), text)


def _character(escaped: str) -> str:
    return chr(int(escaped)) if escaped.isdigit() and len(escaped) == 3 else escaped
