"""Who may see an app that is not open: its members, named by their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from sysmail.people import BadAddress, Person, normalise_address
from sysmail.portal.models import App, Membership

_SEPARATORS = re.compile(r"[\s,;]+")
_BATCH = 500


@dataclass(frozen=True)
class Named:
    """The ids of the persons a text names, and what in it is nobody's address here."""

    ids: frozenset[int]
    unknown: tuple[str, ...]


def members_named(session: Session, text: str) -> Named:
    """Reads addresses separated by blanks, lines, commas or semicolons."""
    typed = [word for word in dict.fromkeys(_SEPARATORS.split(text)) if word]
    emails = {word: _normal_form(word) for word in typed}
    ids = _ids_by_email(session, sorted(set(emails.values()) - {""}))
    return Named(frozenset(ids.values()), tuple(word for word in typed if emails[word] not in ids))


def member_addresses(session: Session, app: App) -> Sequence[str]:
    """The addresses of all members, in their order."""
    return session.scalars(
        select(Person.email)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.app_id == app.id)
        .order_by(Person.email)
    ).all()


def admit_only(session: Session, app: App, ids: Iterable[int]) -> None:
    """Makes exactly these persons the members. Without any, the app is open to everyone."""
    rows = [{"app_id": app.id, "person_id": id_} for id_ in sorted(set(ids))]
    app.is_open = not rows
    session.execute(delete(Membership).where(Membership.app_id == app.id))
    if rows:
        session.execute(insert(Membership), rows)


def _ids_by_email(session: Session, emails: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(emails), _BATCH):
        batch = emails[start : start + _BATCH]
        rows = session.execute(select(Person.email, Person.id).where(Person.email.in_(batch)))
        found.update((email, id_) for email, id_ in rows)
    return found


def _normal_form(word: str) -> str:
    try:
        return normalise_address(word)
    except BadAddress:
        return ""
