"""What the account trusts beside the system's authorities, as certificates that run out."""

from __future__ import annotations

from sysmail.account.models import Account
from sysmail.smtp import BadCertificate, Certificate, read_certificates


def authorities(account: Account) -> tuple[Certificate, ...]:
    """The authorities trusted, the first to run out first."""
    return tuple(sorted(_read(account.trust_ca), key=lambda found: found.expires_at))


def pinned(account: Account) -> Certificate | None:
    """The one certificate trusted instead, where more than its fingerprint is known."""
    return next(iter(_read(account.trust_pinned)), None)


def _read(pem: str) -> tuple[Certificate, ...]:
    try:
        return read_certificates(pem) if pem else ()
    except BadCertificate:
        return ()
