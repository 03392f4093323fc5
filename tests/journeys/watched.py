"""An account whose daily look found something to warn of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from sysmail import clock
from sysmail.account import Health, Watch, current

if TYPE_CHECKING:
    from tests.journeys.furnished import House

_REPLY = (
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. "
    "Visit https://aka.ms/smtp_auth_disabled for more information."
)


@contextmanager
def warned(house: House) -> Iterator[None]:
    """Its login no longer works, and the server's certificate ends in five days."""
    now = clock.now()
    with house.session() as session:
        session.execute(update(Health).values(last_accepted_at=now - timedelta(days=2)))
        session.add(
            Watch(
                id=1,
                version=current(session).version,
                next_at=now + timedelta(days=1),
                looked_at=now,
                cause="basic_login_disabled",
                phase="auth",
                words=_REPLY,
                certificate_ends_at=now + timedelta(days=5, hours=1),
            )
        )
    yield
    with house.session() as session:
        session.execute(delete(Watch))
        session.execute(update(Health).values(last_accepted_at=now))
