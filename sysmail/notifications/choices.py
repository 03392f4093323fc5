"""A choice and its consequences: what is queued already obeys it too."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sysmail.events import CATALOGUE
from sysmail.notifications.withdrawing import withdraw_for
from sysmail.people import Person
from sysmail.preferences import store_choice


def apply_choice(session: Session, person: Person, receive: str, kinds: int, format: str) -> None:
    """Stores what the person chose; kinds they may not hear of are left out.

    What waits and is no longer wanted is withdrawn; the format is written on a delivery no
    earlier than its claim. Raises ValueError for a value nobody may choose.
    """
    store_choice(session, person.id, receive, kinds & _open_to(person), format)
    withdraw_for(session, person.id)


def _open_to(person: Person) -> int:
    return sum(
        kind.bit
        for kind in CATALOGUE.values()
        if person.is_administrator or not kind.administrators_only
    )
