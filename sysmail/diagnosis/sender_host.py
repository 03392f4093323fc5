"""Where mails come from, and what names receivers expect there: MX, reverse name, HELO."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

from sysmail.diagnosis.finding import Topic
from sysmail.diagnosis.lookup import Ip, Lookup, Unanswered
from sysmail.diagnosis.sender_question import CAPTURE, Question, Seen
from sysmail.words import _

# Documentation addresses (RFC 5737, RFC 3849): connecting UDP to one sends nothing.
_ANYWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
_SHOWN = 5


def sources(
    lookup: Lookup, asked: Question, own_addresses: Callable[[], list[Ip]]
) -> tuple[list[Ip], bool]:
    """The addresses mails come from, and whether they are only a guess by name."""
    if asked.mode == CAPTURE:
        return [], False
    if not asked.is_ours:
        return _addresses_of(lookup, asked.host), True
    own = [ip for ip in own_addresses() if ip.is_global]
    return (own, False) if own else (_addresses_of(lookup, asked.helo), True)


def own_addresses() -> list[Ip]:
    """This machine's addresses towards the rest of the world; behind a router private ones."""
    found: list[Ip] = []
    for family, target in _ANYWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((target, 9))
                found.append(ipaddress.ip_address(probe.getsockname()[0].partition("%")[0]))
        except OSError:
            continue
    return found


def look_at_mx(topic: Topic, lookup: Lookup, asked: Question, seen: Seen) -> None:
    """Whether answers and bounces reach the sender's address; some receivers ask for that too."""
    domain = asked.domain
    hosts = lookup.mail_hosts(domain) if domain else []
    if hosts == [""]:
        topic.problem(
            _("%(domain)s says that it takes no mail (a null MX).", domain=domain),
            _("Use an address of a domain that takes mail: answers and bounces go there."),
        )
    elif hosts:
        names = ", ".join(hosts[:_SHOWN])
        topic.ok(_("Answers reach %(domain)s by way of %(names)s.", domain=domain, names=names))
    elif domain and lookup.addresses(domain):
        topic.advice(
            _("%(domain)s has no MX record, so its own address has to take mail.", domain=domain),
            _("Add an MX record that names the mail server."),
        )
    else:
        topic.problem(
            _("%(address)s cannot be answered: its domain has no mail server and no address.",
              address=asked.address),
            _("Add an MX record, or use another address: many receivers refuse such senders."),
        )  # fmt: skip


def look_at_reverse(topic: Topic, lookup: Lookup, asked: Question, seen: Seen) -> None:
    """For direct delivery: a reverse name that leads back, and is the name of the greeting."""
    if not asked.is_ours:
        return
    if asked.helo.startswith("["):
        topic.problem(
            _("This machine introduces itself by an address, %(name)s.", name=asked.helo),
            _("Set SYSMAIL_HELO_NAME to its public host name."),
        )
    if not seen.addresses:
        topic.problem(
            _("The address this machine sends from cannot be seen: its own is private, and "
              "%(name)s has none in the DNS.", name=asked.helo),
            _("Give %(name)s an address record, or set SYSMAIL_HELO_NAME to a name that has one.",
              name=asked.helo),
        )  # fmt: skip
    for ip in seen.addresses:
        _look_at_address(topic, lookup, asked, ip)


def _look_at_address(topic: Topic, lookup: Lookup, asked: Question, ip: Ip) -> None:
    names = lookup.names(ip)
    back = [name for name in names if ip in lookup.addresses(name, (ip.version,))]
    provider = _("Ask the provider of this machine's address to set the reverse name %(name)s.",
                 name=asked.helo)  # fmt: skip
    if not names:
        topic.problem(_("%(ip)s has no reverse name.", ip=ip), provider)
    elif not back:
        name = names[0]
        topic.problem(
            _("%(ip)s is called %(name)s, but that name does not lead back.", ip=ip, name=name),
            provider,
        )
    elif asked.helo.lower() not in back:
        topic.advice(
            _("%(ip)s is called %(name)s, but introduces itself as %(helo)s.", ip=ip, name=back[0],
              helo=asked.helo),
            _("Set SYSMAIL_HELO_NAME to %(name)s, or have the reverse name changed.",
              name=back[0]),
        )  # fmt: skip
    else:
        topic.ok(_("%(ip)s is called %(name)s, and introduces itself so.", ip=ip, name=back[0]))


def _addresses_of(lookup: Lookup, host: str) -> list[Ip]:
    try:
        return [ipaddress.ip_address(host.strip("[]"))]
    except ValueError:
        pass
    try:
        return lookup.addresses(host) if host else []
    except Unanswered:
        return []
