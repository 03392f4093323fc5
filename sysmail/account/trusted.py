"""What the account trusts beside the system's authorities, as certificates that run out."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from sysmail.account.models import Account
from sysmail.smtp import BadCertificate, Certificate, read_certificates


def authorities(account: Account) -> tuple[Certificate, ...]:
    """The authorities trusted, the first to run out first."""
    return tuple(sorted(_read(account.trust_ca), key=lambda found: found.expires_at))


def pinned(account: Account) -> Certificate | None:
    """The one certificate trusted instead, where more than its fingerprint is known."""
    return next(iter(_read(account.trust_pinned)), None)


def note_pinned(session: Session, version: int, shown: Certificate) -> None:
    """Keeps the pinned certificate itself once the server has shown it: where only its
    fingerprint was typed, nobody knew before when it expires."""
    unknown = (Account.version == version, Account.trust_pinned == "")
    pinned = Account.trust_fingerprint == shown.fingerprint
    session.execute(update(Account).where(pinned, *unknown).values(trust_pinned=shown.pem))


def _read(pem: str) -> tuple[Certificate, ...]:
    try:
        return read_certificates(pem) if pem else ()
    except BadCertificate:
        return ()
