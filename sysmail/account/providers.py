"""Known mail providers: their servers, what an address says about them, and their traps."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sysmail.account.advice import LOGINS, TRAPS
from sysmail.words import _, grouped

_FILE = Path(__file__).with_name("providers.toml")


@dataclass(frozen=True)
class Provider:
    """One entry of providers.toml, or one place (region, country) of an entry.

    `kind` mailbox | service; `host` "" where each customer has an own one that looks like
    `example`; `account` the account name that everyone has there, or "".
    """

    key: str
    name: str
    kind: str
    host: str
    port: int
    encryption: str
    login: str
    place: str = ""
    example: str = ""
    account: str = ""
    domains: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()
    daily: int | None = None

    @property
    def label(self) -> str:
        """Like "Amazon SES (eu-west-1)"."""
        return f"{self.name} ({self.place})" if self.place else self.name

    @property
    def login_advice(self) -> str:
        """What to enter as account name and password."""
        return str(LOGINS[self.login])

    @property
    def advice(self) -> list[str]:
        """What goes wrong there, in sentences."""
        told = [str(TRAPS[trap]) for trap in self.traps]
        if self.daily:
            count = grouped(self.daily)
            told.append(_("About %(count)s mails in 24 hours are allowed.", count=count))
        return told

    @property
    def wants_address(self) -> bool:
        """The account name is the mailbox's whole address."""
        return self.login in (
            "address",
            "app_password",
            "app_password_or_oauth",
            "address_or_oauth",
            "oauth",
            "smtp_token",
        )


@cache
def providers() -> tuple[Provider, ...]:
    """All, in the file's order."""
    entries = tomllib.loads(_FILE.read_text(encoding="utf-8"))["provider"]
    return tuple(provider for entry in entries for provider in _placed(entry))


def provider(key: str) -> Provider | None:
    return next((known for known in providers() if known.key == key), None)


def provider_of_address(address: str) -> Provider | None:
    """By what follows the @, where a domain is the provider's own (gmail.com)."""
    domain = address.rpartition("@")[2].strip().rstrip(".").lower()
    return next((known for known in providers() if domain in known.domains), None)


def provider_of_mx(hosts: Iterable[str]) -> Provider | None:
    """By the names that take a domain's mail, in their order; the longest ending counts."""
    for host in hosts:
        ends = [(len(end), known) for known in providers() for end in known.mx if _ends(host, end)]
        if ends:
            return max(ends, key=lambda found: found[0])[1]
    return None


def provider_of_host(host: str) -> Provider | None:
    """Whose outgoing server it is; where two share one, the first."""
    name = host.strip().rstrip(".").lower()
    return next((known for known in providers() if _is_server(known, name)), None)


def _is_server(known: Provider, name: str) -> bool:
    if known.host:
        return name == known.host
    return _ends(name, known.example.partition(".")[2])


def _ends(host: str, end: str) -> bool:
    """Whole labels: notgoogle.com does not end in google.com."""
    name = host.rstrip(".").lower()
    return name == end or name.endswith(f".{end}")


def _placed(entry: Mapping[str, Any]) -> Iterator[Provider]:
    places = entry.get("place")
    if not places:
        yield _made(entry, "")
        return
    for place in places:
        first = place is places[0]
        shared = {name: entry[name] for name in ("mx", "domains") if first and name in entry}
        key = f"{entry['key']}-{place['key']}"
        yield _made({**entry, "mx": [], "domains": [], **shared, **place, "key": key}, place["key"])


def _made(entry: Mapping[str, Any], place: str) -> Provider:
    return Provider(
        key=entry["key"],
        name=entry["name"],
        kind=entry["kind"],
        host=entry.get("host", ""),
        port=entry["port"],
        encryption=entry["encryption"],
        login=entry["login"],
        place=place,
        example=entry.get("example", ""),
        account=entry.get("account", ""),
        domains=tuple(entry.get("domains", ())),
        mx=tuple(entry.get("mx", ())),
        traps=tuple(entry.get("traps", ())),
        daily=entry.get("daily"),
    )
