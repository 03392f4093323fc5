"""A letter for one person alone, as the message of its delivery."""

from __future__ import annotations

from sysmail.mime import Address, Message
from sysmail.notifications.letters import Letter
from sysmail.notifications.naming import domain_of, message_id
from sysmail.notifications.shape import Shape
from sysmail.outbox import Claimed


def addressed(letter: Letter, claim: Claimed, shape: Shape, language: str) -> Message:
    """The message; what an event tells many is a Mailing instead. Raises Unsafe."""
    return Message(
        sender=shape.sender(),
        reply_to=shape.replies,
        recipient=Address(claim.address, claim.name),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message_id(claim.id, claim.created_at, domain_of(shape.from_address)),
        date=claim.created_at,
        delivery=str(claim.id),
        event=claim.kind,
        language=language,
    )
