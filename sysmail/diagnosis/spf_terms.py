"""An SPF record taken apart (RFC 7208, sections 4.6, 5, 6 and 12), and its macros (section 7)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from sysmail.diagnosis.lookup import Ip

VERSION = "v=spf1"
ASKING = ("include", "a", "mx", "ptr", "exists", "redirect")

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(\S*)")
_MECHANISM = re.compile(r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?![A-Za-z0-9])(.*)", re.I)
_LENGTHS = re.compile(r"(?:/(\d{1,2}))?(?://(\d{1,3}))?$")
_MACRO = re.compile(r"%\{([slodiphcrtvSLODIPHCRTV])(\d{0,3})(r?)([.+,/_=-]*)\}|%([%_-])|(%)", re.I)
_TARGETED = ("include", "exists", "redirect")


class Malformed(ValueError):
    """The record breaks the grammar; the argument is the term."""


@dataclass(frozen=True)
class Term:
    """A mechanism, or the modifier redirect. `qualifier` + - ~ or ?; `target` a domain with
    macros, "" for the domain itself; `network` for ip4 and ip6; `lengths` the prefixes of a, mx."""

    text: str
    qualifier: str
    name: str
    target: str = ""
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None
    lengths: tuple[int, int] = (32, 128)

    @property
    def asks(self) -> bool:
        """It costs one of the ten look-ups (section 4.6.4)."""
        return self.name in ASKING


@dataclass(frozen=True)
class Asker:
    """What macros stand for: the connecting address, the sender's address, the HELO name."""

    ip: Ip
    sender: str
    helo: str


def is_spf(text: str) -> bool:
    """Section 4.5: the version is a word of its own."""
    return text.lower() == VERSION or text.lower().startswith(f"{VERSION} ")


def parse(record: str) -> list[Term]:
    """The mechanisms in their order, then the redirect. Raises Malformed."""
    if not record.isascii():
        raise Malformed(record)
    terms = [_term(text) for text in record.split(" ")[1:] if text]
    redirects = [term for term in terms if term is not None and term.name == "redirect"]
    if len(redirects) > 1:
        raise Malformed(redirects[1].text)
    return [t for t in terms if t is not None and t.name != "redirect"] + redirects


def expand(text: str, domain: str, asker: Asker) -> str:
    """A domain with its macros filled in, cut to 253 characters from the left."""

    def filled(found: re.Match[str]) -> str:
        if found[5]:
            return {"%": "%", "_": " ", "-": "%20"}[found[5]]
        value = _value(found[1].lower(), domain, asker)
        return _transformed(value, found[2], bool(found[3]), found[4])

    name = _MACRO.sub(filled, text).removesuffix(".")
    while len(name) > 253 and "." in name:
        name = name.partition(".")[2]
    return name


def _term(text: str) -> Term | None:
    if found := _MODIFIER.fullmatch(text):
        return _modifier(text, found[1].lower(), found[2])
    found = _MECHANISM.fullmatch(text)
    if found is None:
        raise Malformed(text)
    qualifier, name, rest = found[1] or "+", found[2].lower(), found[3]
    if name in ("ip4", "ip6"):
        return Term(text, qualifier, name, network=_network(text, name, rest))
    if name in ("a", "mx"):
        return _sized(text, qualifier, name, rest)
    target = _target(text, rest)
    if bool(target) != (name in _TARGETED) and (name == "all" or name in _TARGETED):
        raise Malformed(text)
    return Term(text, qualifier, name, target)


def _modifier(text: str, name: str, value: str) -> Term | None:
    """Unknown modifiers, and the explanation, change no result (section 6)."""
    if any(found[6] for found in _MACRO.finditer(value)):
        raise Malformed(text)
    if name != "redirect":
        return None
    return Term(text, "+", name, _target(text, f":{value}"))


def _sized(text: str, qualifier: str, name: str, rest: str) -> Term:
    found = _LENGTHS.search(rest)
    four, six = (found[1], found[2]) if found else (None, None)
    lengths = (int(four or 32), int(six or 128))
    if lengths[0] > 32 or lengths[1] > 128:
        raise Malformed(text)
    target = _target(text, rest[: found.start()] if found else rest)
    return Term(text, qualifier, name, target, lengths=lengths)


def _network(text: str, name: str, rest: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    kind = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
    try:
        if not rest.startswith(":") or rest.count("/") > 1 or "%" in rest:
            raise Malformed(text)
        return kind(rest[1:], strict=False)
    except ValueError:
        raise Malformed(text) from None


def _target(text: str, rest: str) -> str:
    """Ends in a name of letters and at least one dot, or in a macro (section 7.1)."""
    if not rest:
        return ""
    target = rest[1:]
    if not rest.startswith(":") or not target or any(m[6] for m in _MACRO.finditer(target)):
        raise Malformed(text)
    if not re.search(r"(?:\.[A-Za-z0-9-]*[A-Za-z-][A-Za-z0-9-]*\.?|\})$", target):
        raise Malformed(text)
    return target


def _value(letter: str, domain: str, asker: Asker) -> str:
    local, _, sender_domain = asker.sender.rpartition("@")
    return {
        "s": asker.sender,
        "l": local,
        "o": sender_domain,
        "d": domain,
        "i": _dotted(asker.ip),
        "h": asker.helo,
        "v": "in-addr" if asker.ip.version == 4 else "ip6",
    }.get(letter, "unknown")


def _dotted(ip: Ip) -> str:
    return str(ip) if ip.version == 4 else ".".join(ip.exploded.replace(":", ""))


def _transformed(value: str, digits: str, reverse: bool, delimiters: str) -> str:
    parts = re.split(f"[{re.escape(delimiters or '.')}]", value)
    if reverse:
        parts.reverse()
    return ".".join(parts[-int(digits) :] if digits and int(digits) else parts)
