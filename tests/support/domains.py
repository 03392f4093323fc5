"""Recipient domains for direct delivery, each with a mail host of its own on loopback.

with mail_domains("one.test", "two.test") as (dns, servers):
    servers["one.test"].script("greeting", "554 5.7.1 no")
    make_app(folder, **direct(dns, servers["one.test"].port))
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.support.dnsd import ScriptedDns
from tests.support.smtpd import ScriptedSmtp

_FIRST = 2
_BACKLOG = 8


@contextmanager
def mail_domains(*domains: str) -> Iterator[tuple[ScriptedDns, dict[str, ScriptedSmtp]]]:
    """Scripted servers, all at one port, and the DNS that leads to them."""
    with ExitStack() as stack:
        dns = stack.enter_context(ScriptedDns())
        servers: dict[str, ScriptedSmtp] = {}
        port = 0
        for domain, address in _addresses(dns, domains):
            servers[domain] = stack.enter_context(ScriptedSmtp(address=address, port=port))
            port = servers[domain].port
        yield dns, servers


@contextmanager
def deaf_domains(*domains: str) -> Iterator[tuple[ScriptedDns, int]]:
    """The same, but whoever connects gets no answer, as behind a firewall; with the port."""
    with ExitStack() as stack:
        dns = stack.enter_context(ScriptedDns())
        port = 0
        for _domain, address in _addresses(dns, domains):
            port = stack.enter_context(deaf(address, port))
        yield dns, port


@contextmanager
def deaf(address: str, port: int = 0) -> Iterator[int]:
    """A port whose queue of connections is full, so that the system answers nobody."""
    with ExitStack() as stack:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = stack.enter_context(socket.socket(family))
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(_BACKLOG):
            waiting = stack.enter_context(socket.socket(family))
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def direct(dns: ScriptedDns, port: int, **settings: str) -> dict[str, str]:
    """The settings for make_app."""
    return {
        "BUILTIN": "direct",
        "RESOLVER": dns.nameserver,
        "MX_PORT": str(port),
        "MX_PRIVATE": "allow",
        "DELIVERY_CONNECTIONS": "2",
        **settings,
    }


def _addresses(dns: ScriptedDns, domains: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, domain in enumerate(domains, start=_FIRST):
        address = f"127.0.0.{number}"
        dns.add(domain, "MX", f"10 mx.{domain}.")
        dns.add(f"mx.{domain}", "A", address)
        yield domain, address
