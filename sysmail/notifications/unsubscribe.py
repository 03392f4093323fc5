"""One click that ends one kind of mail: a token for each person and kind, and what it does."""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import replace

from sqlalchemy.orm import Session

from sysmail.events import CATALOGUE, Kind
from sysmail.notifications.choices import apply_choice
from sysmail.notifications.summary import DIGEST
from sysmail.people import Person
from sysmail.portal import Record, may_see
from sysmail.preferences import Choice, choice_of
from sysmail.words import lazy

# What a summary's own link ends: no trigger, so it stands in no catalogue and has no bit.
SUMMARIES = Kind(DIGEST, 0, lazy("Summaries"))
_KINDS = {**CATALOGUE, DIGEST: SUMMARIES}
_TOKEN = re.compile(r"(\d{1,18})\.([a-z_]{1,40})(?:\.(\d{1,18}))?\.([A-Za-z0-9_-]{43})", re.ASCII)


def unsubscribe_token(key: bytes, person_id: int, kind: str, record_id: int | None = None) -> str:
    """Fit for a URL; it holds no time, so a link in an old mail still works (RFC 8058).

    With a record, whoever holds it may mute that instead.
    """
    about = f"{person_id}.{kind}" if record_id is None else f"{person_id}.{kind}.{record_id}"
    return f"{about}.{_signature(key, about)}"


def read_token(session: Session, key: bytes, token: str) -> tuple[Person, Kind] | None:
    """Whose token it is, and for which kind; None for one that was not made with `key`."""
    parts = _TOKEN.fullmatch(token)
    if parts is None or parts[2] not in _KINDS:
        return None
    if not hmac.compare_digest(parts[4], _signature(key, token.rpartition(".")[0])):
        return None
    person = session.get(Person, int(parts[1]))
    return (person, _KINDS[parts[2]]) if person else None


def record_of(session: Session, person: Person, token: str) -> Record | None:
    """The record that a good token of this person names, where there is one they may see."""
    parts = _TOKEN.fullmatch(token)
    record = session.get(Record, int(parts[3])) if parts and parts[3] else None
    return record if record and may_see(session, person, record.app_id) else None


def unsubscribe(session: Session, person: Person, kind: Kind) -> None:
    """Takes the kind out of what the person is told; it never adds anything. Who wants no more
    summaries is told nothing at all."""
    choice = choice_of(session, person.id)
    if not is_told(choice, kind):
        return
    if kind is SUMMARIES:
        apply_choice(session, person, replace(choice, receive="none"))
    else:
        apply_choice(session, person, replace(choice, kinds=choice.kinds & ~kind.bit))


def is_told(choice: Choice, kind: Kind) -> bool:
    """Whether there is anything left to unsubscribe from."""
    return choice.receive != "none" if kind is SUMMARIES else choice.includes(kind)


def _signature(key: bytes, about: str) -> str:
    digest = hmac.digest(key, f"unsubscribe {about.replace('.', ' ')}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
