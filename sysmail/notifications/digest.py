"""The mail that a summary becomes: made of nothing but what was written on its delivery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from sysmail.mime import Message
from sysmail.notifications.addressing import addressed
from sysmail.notifications.items import Line, lines_of
from sysmail.notifications.letters import write
from sysmail.notifications.naming import domain_of, summaries_id
from sysmail.notifications.sections import Section, sections
from sysmail.notifications.shape import HTML, Shape, read_shape
from sysmail.notifications.summary import DIGEST
from sysmail.notifications.unsubscribe import unsubscribe_token
from sysmail.outbox import Claimed
from sysmail.words import speaking


def lines_for(session: Session, claims: Iterable[Claimed]) -> dict[int, Line]:
    """The lines of all events that these claims list, read once for many summaries."""
    listed = [_items(claim) for claim in claims if claim.kind == DIGEST]
    return lines_of(session, {event_id for items in listed for event_id in items})


def message_of(claim: Claimed, lines: dict[int, Line], key: bytes) -> Message | None:
    """The mail of a claim whose items are settled; None where it has none left to tell."""
    shape = read_shape(claim.shape)
    items = [lines[event_id] for event_id in shape.items if event_id in lines]
    if not items:
        return None
    with speaking(shape.language):
        letter = write(DIGEST, DIGEST, told_by_digest(items, shape), html=shape.format == HTML)
    token = unsubscribe_token(key, claim.person_id or 0, DIGEST)
    return replace(
        addressed(letter, claim, shape, shape.language),
        list_id=summaries_id(domain_of(shape.from_address)),
        list_unsubscribe=f"{shape.link_base}/unsubscribe/{token}",
    )


def _items(claim: Claimed) -> Sequence[int]:
    return read_shape(claim.shape).items


def told_by_digest(lines: Sequence[Line], shape: Shape) -> dict[str, Any]:
    """What a summary tells of these lines, the newest first."""
    made = sections(((line.event_id, line) for line in lines), shape.link_base, shape.zone)
    return {
        **shape.house,
        "sections": made,
        "places": [section.short for section in made],
        "count": len(lines) + shape.more,
        "more": shape.more,
        "more_url": f"{shape.link_base}/notifications",
        "settings_url": f"{shape.link_base}/settings/notifications",
        "preview_text": _preview(made),
    }


def _preview(made: Sequence[Section]) -> str:
    thing = made[0].things[0]
    return thing.title or thing.told[0].did
