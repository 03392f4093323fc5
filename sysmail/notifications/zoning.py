"""A mail about the audit log tells when: the recipient's clock is written on its delivery."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from sysmail.events import AUDIT_LOG_ADDED
from sysmail.notifications.shape import UTC
from sysmail.outbox import DELIVERIES, Claimed
from sysmail.preferences import choices_of

_WRITE = (
    update(DELIVERIES)
    .where(DELIVERIES.c.id == bindparam("of"), DELIVERIES.c.claim_token == bindparam("held_by"))
    .values(shape=bindparam("shape"))
)


def set_clocks(session: Session, claims: Sequence[Claimed]) -> Sequence[Claimed]:
    """The claims, with the zone in the shape of each mail that tells a time by another clock
    than UTC. Without such a mail it returns the very claims and writes nothing.

    What a mail server may know already keeps its clock.
    """
    about = [c for c in claims if c.kind == AUDIT_LOG_ADDED.name and c.uncertain_tries == 0]
    if not about:
        return claims
    choices = choices_of(session, {claim.person_id for claim in about if claim.person_id})
    zones = {person_id: choice.timezone for person_id, choice in choices.items()}
    shapes = {
        claim.id: {**json.loads(claim.shape), "zone": zone}
        for claim in about
        if (zone := zones.get(claim.person_id or 0, UTC)) != UTC
    }
    if not shapes:
        return claims
    rows = [
        {"of": claim.id, "held_by": claim.claim_token, "shape": shapes[claim.id]}
        for claim in about
        if claim.id in shapes
    ]
    session.connection().execute(_WRITE, rows)
    return [
        claim._replace(shape=json.dumps(shapes[claim.id])) if claim.id in shapes else claim
        for claim in claims
    ]
