"""Erasing a person: at once nobody can be them any more; their traces go slice by slice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import clock
from sysmail.audit import Actor, record
from sysmail.db import Base, Id, UtcTime
from sysmail.jobs import Job
from sysmail.leaving.known import Known, known_of
from sysmail.people import Person, Refused, forget_person
from sysmail.portal import Membership
from sysmail.preferences import AppChoice, Preference, RecordChoice
from sysmail.vault import Vault
from sysmail.words import _

_OWN = (Membership, Preference, AppChoice, RecordChoice, Job)


class Erasure(Base):
    """One for each person erased. `known` is sealed: the names and addresses that the worker
    still looks for; NULL once it has `ended_at`. `step` and `position` say where it goes on."""

    __tablename__ = "erasure"

    person_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    known: Mapped[str | None] = mapped_column(Text)
    step: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(Id, default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


def erase_person(session: Session, vault: Vault, actor: Actor, person: Person) -> Refused | None:
    """Signs the person out for good and takes name, address, choices and memberships away.

    The worker clears the history, the audit log, events and captured mail after that, and
    withdraws what waits; no mail goes to the person meanwhile. Nobody erases themselves, nor the
    last administrator.
    """
    if person.erased_at is not None:
        return None
    if person.id == actor.id:
        return Refused("", _("Nobody can erase themselves. Another administrator can do it."))
    known = known_of(session, person)
    refused = forget_person(session, person)
    if refused is not None:
        return refused
    for model in _OWN:
        session.execute(delete(model).where(model.person_id == person.id))
    session.add(Erasure(person_id=person.id, asked_at=clock.now(), known=known.sealed(vault)))
    record(session, "user_erased", actor, {"id": person.id})
    return None


def erasure_of(session: Session, person_id: int) -> Erasure | None:
    """How far the clearing is, of who was erased."""
    return session.get(Erasure, person_id)


def read_known(vault: Vault, erasure: Erasure) -> Known:
    """Raises CannotOpen when the vault's key is lost."""
    return Known.opened(vault, erasure.person_id, erasure.known or "")
