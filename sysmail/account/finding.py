"""The worker's look at who takes a domain's mail, for the form's suggestion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sysmail.account.providers import provider_of_mx
from sysmail.jobs import Handler, Report
from sysmail.smtp import Resolver, Trouble


def provider_finder(nameserver: str | None) -> Handler:
    """A handler of jobs of kind "provider", with the value `domain`; it asks DNS for MX.

    It reports `provider`, a key or "", and `hosts`, the names found, best first.
    """

    def find(values: Mapping[str, Any], report: Report) -> None:
        answer = Resolver(nameserver).mail_hosts(str(values["domain"]))
        hosts = [] if isinstance(answer, Trouble) else [host.name for host in answer]
        found = provider_of_mx(hosts)
        report.write({"provider": found.key if found else "", "hosts": hosts})

    return find
