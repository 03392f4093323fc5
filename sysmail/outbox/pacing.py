"""Before each claim: how many connections may be used; what a slow domain holds up goes back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import Health, Incident, connections, note_trouble
from sysmail.config import Config
from sysmail.outbox.courier import Courier
from sysmail.outbox.settle import hand_back
from sysmail.smtp import Klass, Phase, Scope


def pace(session: Session, config: Config, courier: Courier, state: Health) -> None:
    """Direct delivery only has domains that can be slow: their mail waits like that of a domain
    in trouble, so that it cannot fill the queue in front of everybody else's."""
    now = clock.now()
    courier.allow(connections(state, config.delivery_connections))
    held_up = courier.held_up()
    for job in held_up:
        hand_back(session, job, now)
    for domain in sorted({job.domain for job in held_up}):
        slow = Incident(
            klass=Klass.TRANSIENT,
            scope=Scope.DOMAIN,
            cause="connection_timeout",
            phase=Phase.CONNECT,
            recipient_domain=domain,
        )
        note_trouble(session, config, slow, now)
