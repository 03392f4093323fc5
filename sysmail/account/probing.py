"""Probes of a paused account: however many workers there are, one asks at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, update
from sqlalchemy.orm import Session

from sysmail.account.health import PAUSED
from sysmail.account.models import Health
from sysmail.account.schedule import step
from sysmail.config import Config

# Longer than any login takes; after it another worker asks in place of one that died.
_LONGEST = timedelta(minutes=5)
_HEALTH = cast(Table, Health.__table__)
_PAUSED = update(_HEALTH).where(_HEALTH.c.id == 1, _HEALTH.c.state == PAUSED)


def begin_probe(session: Session, config: Config, health: Health, now: datetime) -> bool:
    """Takes the probe that is due; False where another worker has taken it meanwhile."""
    until = now + min(_LONGEST, step(config.probe_schedule, health.probes))
    taken = _PAUSED.where(_HEALTH.c.next_probe_at <= now).values(next_probe_at=until)
    return session.connection().execute(taken).rowcount == 1


def leave_probe(session: Session, now: datetime) -> None:
    """What was taken is due again: nobody was asked."""
    session.connection().execute(_PAUSED.values(next_probe_at=now))
