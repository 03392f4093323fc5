"""What the account needs that ends on a day known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sysmail.account.account import EXTERNAL
from sysmail.account.application import OAUTH
from sysmail.account.models import Account
from sysmail.account.trusted import authorities, pinned

SOON = timedelta(days=30)


@dataclass(frozen=True)
class RunsOut:
    """`what` client_secret | trust_ca | trust_pinned; `name` whose certificate it is."""

    what: str
    name: str
    at: datetime


def running_out(account: Account, now: datetime) -> list[RunsOut]:
    """What ended, or ends within 30 days, the first to end first."""
    if account.mail_server != EXTERNAL:
        return []
    found = [RunsOut("trust_ca", one.subject, one.expires_at) for one in authorities(account)]
    leaf = pinned(account)
    if leaf is not None:
        found.append(RunsOut("trust_pinned", leaf.subject, leaf.expires_at))
    secret = account.client_secret_expires_on
    if secret and account.use_smtp_auth and account.login_method == OAUTH:
        found.append(RunsOut("client_secret", "", datetime.combine(secret, time(), UTC)))
    return sorted((one for one in found if one.at - now < SOON), key=lambda one: one.at)
