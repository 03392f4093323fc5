"""What a summary tells is settled before its first dot, and written on its delivery."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from sysmail.notifications.items import drop_items
from sysmail.notifications.notification import Notification
from sysmail.notifications.summary import DIGEST, LISTED, Summary, is_item
from sysmail.outbox import Claimed, Delivery
from sysmail.preferences import choices_of

_ITEMS = "items"
_DELIVERIES = cast(Table, Delivery.__table__)
_WRITE = (
    update(_DELIVERIES)
    .where(_DELIVERIES.c.id == bindparam("of"), _DELIVERIES.c.claim_token == bindparam("held_by"))
    .values(shape=bindparam("shape"), notices=bindparam("notices"))
)


def fix(session: Session, claims: Sequence[Claimed]) -> Sequence[Claimed]:
    """The claims, each summary's shape with its items: the events it lists, newest first, and
    how many more it counts. What must not be told any more is dropped.

    Those that have items keep them: a mail server may know them already. Without any summary to
    settle it returns the very claims and writes nothing.
    """
    fresh = [claim for claim in claims if claim.kind == DIGEST and f'"{_ITEMS}"' not in claim.shape]
    if not fresh:
        return claims
    ids = [claim.id for claim in fresh]
    drop_items(session, Summary.delivery_id.in_(ids))
    told = _told(session, ids)
    choices = choices_of(session, [claim.person_id for claim in fresh if claim.person_id])
    zones = {person_id: choice.timezone for person_id, choice in choices.items()}
    shapes = {claim.id: _shape(claim, told, zones) for claim in fresh}
    session.connection().execute(
        _WRITE,
        [
            {
                "of": claim.id,
                "held_by": claim.claim_token,
                "shape": shapes[claim.id],
                "notices": len(shapes[claim.id][_ITEMS]) + shapes[claim.id]["more"],
            }
            for claim in fresh
        ],
    )
    texts = {id_: json.dumps(shape) for id_, shape in shapes.items()}
    return [claim._replace(shape=texts.get(claim.id, claim.shape)) for claim in claims]


def _shape(
    claim: Claimed, told: Mapping[int, list[tuple[int, int]]], zones: Mapping[int, str]
) -> dict[str, Any]:
    rows = told.get(claim.id, [])
    total = rows[0][1] if rows else 0
    return {
        **json.loads(claim.shape),
        "zone": zones.get(claim.person_id or 0, "UTC"),
        _ITEMS: [event_id for event_id, _total in rows],
        "more": total - len(rows),
    }


def _told(session: Session, ids: list[int]) -> dict[int, list[tuple[int, int]]]:
    """For each delivery its newest events, each with the number of all of them."""
    ranked = (
        select(
            Summary.delivery_id,
            Notification.event_id,
            func.count().over(partition_by=Summary.delivery_id).label("total"),
            func.row_number()
            .over(partition_by=Summary.delivery_id, order_by=Notification.event_id.desc())
            .label("rank"),
        )
        .join(Notification, Notification.summary_id == Summary.id)
        .where(Summary.delivery_id.in_(ids), *is_item())
        .subquery()
    )
    columns = (ranked.c.delivery_id, ranked.c.event_id, ranked.c.total)
    newest = select(*columns).where(ranked.c.rank <= LISTED)
    told: dict[int, list[tuple[int, int]]] = {}
    for delivery_id, event_id, total in session.connection().execute(
        newest.order_by(ranked.c.delivery_id, ranked.c.rank)
    ):
        told.setdefault(delivery_id, []).append((event_id, total))
    return told
