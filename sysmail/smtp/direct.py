"""Direct delivery: the session with whichever of a domain's mail hosts answers first."""

from dataclasses import replace

from sysmail.smtp.addresses import Ip, allowed
from sysmail.smtp.endpoint import Deadlines, Encryption, Endpoint, Mode
from sysmail.smtp.mx import MailHost, Resolver
from sysmail.smtp.session import Session
from sysmail.smtp.trouble import Failed, Kind, Phase, Trouble


class DirectSession(Session):
    """In the clear on port 25, to the domain's MX hosts in order (RFC 5321, section 5.1): the
    next one is tried when one cannot be reached or turns us away before MAIL."""

    def __init__(
        self,
        recipient_domain: str,
        port: int,
        helo_name: str,
        resolver: Resolver,
        private: bool = False,
        deadlines: Deadlines | None = None,
    ) -> None:
        endpoint = Endpoint(
            host=recipient_domain,
            port=port,
            encryption=Encryption.PLAIN,
            helo_name=helo_name,
            private=private,
            mode=Mode.DIRECT,
        )
        super().__init__(endpoint, deadlines or Deadlines.direct())
        self._domain = recipient_domain
        self._resolver = resolver

    def open(self, detect_mismatch: bool = False) -> Trouble | None:
        """The first host that greets well; else the trouble that tells most."""
        hosts = self._resolver.mail_hosts(self._domain)
        if isinstance(hosts, Trouble):
            return hosts
        met: list[tuple[Trouble, Endpoint]] = []
        for host in hosts:
            self._turn_to(host)
            trouble = super().open(detect_mismatch)
            if trouble is None:
                return None
            met.append((trouble, self.endpoint))
        told = telling([trouble for trouble, _ in met])
        self.endpoint = next((whose for trouble, whose in met if trouble is told), self.endpoint)
        return told

    def _turn_to(self, host: MailHost) -> None:
        self.endpoint = replace(self.endpoint, host=host.name)
        self._transcript.note(f"mail host {host.name}, preference {host.preference}")

    def _resolve(self) -> tuple[Ip, ...]:
        found = self._resolver.addresses(self.endpoint.host)
        if isinstance(found, Trouble):
            raise Failed(found.kind, found.detail, phase=Phase.RESOLVE)
        return allowed(found, self.endpoint.private)


def telling(troubles: list[Trouble]) -> Trouble:
    """Of several hosts' troubles the one to report: a host that was reached or may come back
    before one that never can be."""
    hopeless = {
        Kind.NOT_ALLOWED: Kind.DOMAIN_UNROUTABLE,
        Kind.DNS_MISSING: Kind.DOMAIN_MISSING,
    }
    for trouble in troubles:
        if trouble.kind not in hopeless:
            return trouble
    kinds = {trouble.kind for trouble in troubles}
    worst = Kind.NOT_ALLOWED if Kind.NOT_ALLOWED in kinds else Kind.DNS_MISSING
    return Trouble(Phase.RESOLVE, hopeless[worst], detail="no mail host that can be dialled")
