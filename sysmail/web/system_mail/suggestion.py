"""What an e-mail address says about its provider, beside the form's fields."""

from __future__ import annotations

from dataclasses import dataclass

from sysmail.account import Provider, provider_of_address, provider_of_host
from sysmail.web.system_mail.forms import AccountForm


@dataclass(frozen=True)
class Suggestion:
    """`state` none | known | ask (the worker is to look) | looking | unknown | stopped.

    `address` is the one it is about, `found` the provider when known, `hosts` the names that
    take the domain's mail, `job_id` the look-up under way.
    """

    state: str
    address: str = ""
    found: Provider | None = None
    hosts: tuple[str, ...] = ()
    job_id: int | None = None

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


NOTHING = Suggestion("none")


def by_domain(address: str) -> Suggestion:
    """At once for domains of a provider's own; others are left to the worker."""
    address = address.strip()
    if not address.rpartition("@")[0] or not address.rpartition("@")[2]:
        return NOTHING
    found = provider_of_address(address)
    return Suggestion("known" if found else "ask", address, found)


def suggestion_for(form: AccountForm) -> Suggestion:
    """For a page as it opens: only while no server was entered, and only what is known at once."""
    if form.smtp_host.data:
        return NOTHING
    made = by_domain(form.email_address.data or "")
    return made if made.state == "known" else NOTHING


def shown_provider(form: AccountForm) -> Provider | None:
    """Whose server the form's fields show; where two share one, the address decides."""
    server = provider_of_host(form.smtp_host.data or "")
    own = provider_of_address(form.email_address.data or "")
    if own and server and own.host == server.host:
        return own
    return server
