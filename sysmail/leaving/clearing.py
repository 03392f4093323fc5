"""Clearing the traces of who was erased: slices that the worker takes beside the mail."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.leaving.captured import clear_captured
from sysmail.leaving.erasure import Erasure, read_known
from sysmail.leaving.letters import clear_own, clear_singles, withdraw_waiting
from sysmail.leaving.logs import clear_entries, clear_events
from sysmail.leaving.slices import REST, Step
from sysmail.leaving.words import clear_words
from sysmail.vault import CannotOpen, Vault

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 0.02
# Their own mail comes first and last: what was under way the first time is over by then.
_STEPS: tuple[Step, ...] = (
    clear_own,
    withdraw_waiting,
    clear_entries,
    clear_events,
    clear_singles,
    clear_words,
    clear_captured,
    clear_own,
)


class Clearing:
    """A worker's own. Each turn is at most one short transaction, which the caller commits."""

    def __init__(self, vault: Vault, captured: Path) -> None:
        self._vault = vault
        self._captured = captured
        self._look_at = 0.0

    def turn(self, session: Session) -> bool:
        """Clears a slice when it is time for it; whether it did."""
        now = clock.monotonic()
        if now < self._look_at:
            return False
        cleared = clear_next(session, self._vault, self._captured)
        self._look_at = now + (_AGAIN_SECONDS if cleared else _LOOK_SECONDS)
        return cleared


def clear_next(session: Session, vault: Vault, captured: Path) -> bool:
    """Clears the next slice of whoever was erased first; False when there is nothing to do now.

    Without the vault's key nobody knows what to look for: it waits for the key.
    """
    erasure = session.scalars(
        select(Erasure)
        .where(Erasure.ended_at.is_(None))
        .order_by(Erasure.asked_at, Erasure.person_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if erasure is None:
        return False
    try:
        known = read_known(vault, erasure)
    except CannotOpen:
        return False
    position = _STEPS[erasure.step](session, known, erasure.position, captured)
    if position == REST:
        return False
    erasure.position = position or 0
    if position is None:
        erasure.step += 1
    if erasure.step == len(_STEPS):
        erasure.known, erasure.ended_at = None, clock.now()
    return True
