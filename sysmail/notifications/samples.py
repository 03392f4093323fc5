"""One mail of each kind as it would be written now, about things that never happened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from sysmail.config import Config
from sysmail.events import AUDIT_LOG_ADDED, COMMENT_POSTED, RECORD_ADDED, Event
from sysmail.notifications.digest import told_by_digest
from sysmail.notifications.items import Line
from sysmail.notifications.letters import Letter, write
from sysmail.notifications.shape import HTML, Shape, shapes
from sysmail.notifications.singles import LIFETIMES, TEST
from sysmail.notifications.summary import DIGEST
from sysmail.notifications.told import told_by_account_mail, told_by_event, told_by_test
from sysmail.words import _, lazy, speaking

SAMPLES = {
    RECORD_ADDED.name: lazy("A record was added"),
    COMMENT_POSTED.name: lazy("A comment was posted"),
    AUDIT_LOG_ADDED.name: lazy("An entry was added to the audit log"),
    DIGEST: lazy("Summary"),
    TEST: lazy("Test e-mail"),
    "invitation": lazy("Invitation"),
    "reset": lazy("A new password was asked for"),
    "password_changed": lazy("The password was changed"),
    "new_address": lazy("A new address to confirm"),
    "address_changed": lazy("The address was changed"),
}
_AT = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
_WHY = {
    RECORD_ADDED.name: "follows",
    COMMENT_POSTED.name: "mentioned",
    AUDIT_LOG_ADDED.name: "administrator",
}


@dataclass(frozen=True)
class Sample:
    """`sender` and `reply_to` read as a mail program shows them; `reply_to` may be empty."""

    sender: str
    reply_to: str
    letter: Letter


def sample(session: Session, config: Config, kind: str, language: str) -> Sample:
    """The mail of one of SAMPLES in one of LANGUAGES, with what shapes mails now."""
    values = shapes(session, config)
    shape = Shape(**values[f"shape_{TEST}" if kind == TEST else f"shape_{HTML}_{language}"])
    with speaking(language, UTC):
        actor, letter = _letter(kind, replace(shape, language=language))
        sender = shape.sender(actor)
    replies = shape.replies.email if shape.replies else ""
    return Sample(f"{sender.name} <{sender.email}>", replies, letter)


def _letter(kind: str, shape: Shape) -> tuple[str, Letter]:
    """Who did what it tells, if anybody, and the letter."""
    if kind in _WHY:
        told = told_by_event(_event(kind), shape.link_base) | shape.house
        return told["actor"], write(kind, _WHY[kind], told, html=True)
    if kind == DIGEST:
        return "", write(DIGEST, DIGEST, told_by_digest(_lines(), shape), html=True)
    if kind == TEST:
        told = told_by_test(shape, _AT, f"{shape.link_base}/received/…") | shape.house
        return "", write(TEST, TEST, told, html=True)
    link, until = f"{shape.link_base}/…", _AT + LIFETIMES[kind]
    told = told_by_account_mail(link, shape.link_base, _AT, until) | shape.house
    return "", write(f"account_{kind}", "account", told, html=True)


def _event(kind: str) -> Event:
    snapshot: dict[str, Any] = {"actor": _("Alice Archer")}
    if kind == AUDIT_LOG_ADDED.name:
        details = {"name": _("Bob Baker"), "email": "bob@example.com"}
        snapshot |= {"action": "user_added", "details": details}
    else:
        text = _said() if kind == COMMENT_POSTED.name else _wrote()
        snapshot |= {"app": _("Leads"), "title": _("ACME renewal"), "text": text}
    comment_id = 1 if kind == COMMENT_POSTED.name else None
    return Event(
        kind=kind, created_at=_AT, app_id=1, record_id=1, comment_id=comment_id, snapshot=snapshot
    )


def _lines() -> list[Line]:
    alice, bob, leads = _("Alice Archer"), _("Bob Baker"), _("Leads")
    renewal, visit = _("ACME renewal"), _("Visit in May")
    commented, added = COMMENT_POSTED.name, RECORD_ADDED.name
    return [
        Line(4, commented, _AT, 1, 1, 2, leads, renewal, bob, _said(), "", {}),
        Line(3, added, _AT - timedelta(hours=1), 1, 2, None, leads, visit, alice, "", "", {}),
        Line(2, commented, _AT - timedelta(hours=2), 1, 1, 1, leads, renewal, alice, "", "", {}),
        Line(1, added, _AT - timedelta(hours=5), 1, 1, None, leads, renewal, bob, _wrote(), "", {}),
    ]


def _wrote() -> str:
    return _("Three years, 40 seats. They want an answer by Friday.")


def _said() -> str:
    return _("Twelve per cent is fine, no more than that. Shall I write to them?")
