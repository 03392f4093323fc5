"""Which hosts take a domain's mail (RFC 5321, section 5.1; null MX: RFC 7505)."""

import ipaddress
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sysmail.smtp.addresses import Ip, ascii_host, is_loopback_host, is_never_found, literal
from sysmail.smtp.addresses import addresses as system_addresses
from sysmail.smtp.trouble import Failed, Kind, Phase, Trouble

if TYPE_CHECKING:
    import dns.resolver

_SECONDS = 10.0
_MOST_HOSTS = 10


@dataclass(frozen=True)
class MailHost:
    """`name` in ASCII, without the root's dot; a lower `preference` comes first."""

    name: str
    preference: int


class Resolver:
    """DNS by dnspython. `nameserver` is "ip:port"; None means the system's."""

    def __init__(self, nameserver: str | None = None, seconds: float = _SECONDS) -> None:
        self._nameserver = nameserver
        self._seconds = seconds
        self._made: dns.resolver.Resolver | None = None

    def mail_hosts(self, domain: str) -> list[MailHost] | Trouble:
        """Hosts in the order to try; equal preferences are shuffled. A domain without MX is its
        own host. Trouble: domain_missing, no_mx_null, domain_unroutable, dns_failed."""
        try:
            return self._mail_hosts(_domain_name(domain))
        except Failed as failed:
            return failed.trouble(Phase.RESOLVE)

    def addresses(self, host: str) -> tuple[Ip, ...] | Trouble:
        """All addresses of a host, IPv6 first. Trouble: dns_missing, dns_failed."""
        try:
            return self._addresses(ascii_host(host))
        except Failed as failed:
            return failed.trouble(Phase.RESOLVE)

    def records(self, name: str, kind: str) -> list[str] | Trouble:
        """As a zone file has them; a name without any is no trouble. Trouble: dns_failed."""
        try:
            return self._ask(name, kind)
        except Failed as failed:
            missing = failed.kind is Kind.DNS_MISSING
            return [] if missing else failed.trouble(Phase.RESOLVE)

    def _mail_hosts(self, domain: str) -> list[MailHost]:
        if is_loopback_host(domain):
            return [MailHost(domain, 0)]
        found = [MailHost(_bare(text), preference) for preference, text in self._mx(domain)]
        if not found:
            self._addresses_of_domain(domain)
            return [MailHost(domain, 0)]
        hosts = [host for host in found if host.name]
        if not hosts:
            raise Failed(Kind.NULL_MX, "the domain takes no mail")
        secrets.SystemRandom().shuffle(hosts)
        return sorted(hosts, key=lambda host: host.preference)[:_MOST_HOSTS]

    def _mx(self, domain: str) -> list[tuple[int, str]]:
        try:
            texts = self._ask(domain, "MX")
        except Failed as failed:
            if failed.kind is Kind.DNS_MISSING:
                raise Failed(Kind.DOMAIN_MISSING, "the domain does not exist") from None
            raise
        split = (text.split(" ", 1) for text in texts)
        return [(int(preference), host) for preference, host in split]

    def _addresses_of_domain(self, domain: str) -> None:
        try:
            self._addresses(domain)
        except Failed as failed:
            if failed.kind is Kind.DNS_MISSING:
                raise Failed(Kind.DOMAIN_MISSING, "neither MX nor address") from None
            raise

    def _addresses(self, host: str) -> tuple[Ip, ...]:
        if literal(host) is not None:
            raise Failed(Kind.DNS_MISSING, "an address is no host name")
        if is_loopback_host(host):
            return system_addresses(host, private=True)
        texts: list[str] = []
        unanswered: Failed | None = None
        for kind in ("AAAA", "A"):
            try:
                texts += self._ask(host, kind)
            except Failed as failed:
                if failed.kind is Kind.DNS_FAILED:
                    unanswered = failed
        if not texts:
            raise unanswered or Failed(Kind.DNS_MISSING, "the host has no address")
        return tuple(ipaddress.ip_address(text) for text in texts)

    def _ask(self, name: str, kind: str) -> list[str]:
        """Records in text form; none is no failure. Raises Failed: dns_missing, dns_failed."""
        import dns.exception
        import dns.name
        import dns.resolver

        if is_never_found(name):
            raise Failed(Kind.DNS_MISSING, "the name does not exist")
        try:
            asked = dns.name.from_text(name)
        except dns.exception.DNSException:
            raise Failed(Kind.DNS_MISSING, "no valid name") from None
        try:
            answer = self._resolver().resolve(
                asked, kind, raise_on_no_answer=False, search=False, lifetime=self._seconds
            )
        except dns.resolver.NXDOMAIN:
            raise Failed(Kind.DNS_MISSING, "the name does not exist") from None
        except (dns.exception.DNSException, OSError):
            raise Failed(Kind.DNS_FAILED, "no usable answer") from None
        return [record.to_text() for record in answer.rrset or ()]

    def _resolver(self) -> "dns.resolver.Resolver":
        """Made when first needed: dnspython takes 50 ms to import."""
        import dns.resolver

        if self._made is None:
            self._made = dns.resolver.Resolver(configure=self._nameserver is None)
            if self._nameserver:
                host, _, port = self._nameserver.rpartition(":")
                self._made.nameservers = [host.strip("[]")]
                self._made.port = int(port)
        return self._made


def _domain_name(domain: str) -> str:
    if domain.startswith("[") or literal(domain) is not None:
        raise Failed(Kind.DOMAIN_UNROUTABLE, "an address in place of a domain")
    try:
        return ascii_host(domain)
    except Failed:
        raise Failed(Kind.DOMAIN_MISSING, "no valid domain name") from None


def _bare(text: str) -> str:
    return text.lower().removesuffix(".")
