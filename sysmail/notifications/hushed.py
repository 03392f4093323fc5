"""Quiet hours: they hold everything but account and test mail until they end."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.notifications.signing import Prepare
from sysmail.notifications.singles import ACCOUNT, TEST
from sysmail.outbox import Claimed, Later, Outcome
from sysmail.preferences import held_until


class Hushed:
    """`prepare`, but only for those who are not in their quiet hours now."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare

    def __call__(self, session: Session, claims: Sequence[Claimed]) -> list[Outcome]:
        people = {claim.person_id for claim in claims if claim.kind not in (ACCOUNT, TEST)}
        known = [person_id for person_id in people if person_id is not None]
        until = held_until(session, known, clock.now()) if known else {}
        if not until:
            return self._prepare(session, claims)
        waits = {
            claim.id: Later(until[claim.person_id])
            for claim in claims
            if claim.kind not in (ACCOUNT, TEST) and claim.person_id in until
        }
        made = iter(self._prepare(session, [claim for claim in claims if claim.id not in waits]))
        return [waits[claim.id] if claim.id in waits else next(made) for claim in claims]
