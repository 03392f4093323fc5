"""From a delivery to its bytes: always the same ones, since nothing but stored values counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.config import Config
from sysmail.events import COMMENT_POSTED, Event
from sysmail.mime import Address, Message, Unsafe, build
from sysmail.notifications.letters import Letter, write
from sysmail.notifications.naming import domain_of, list_id, message_id, thread
from sysmail.notifications.objection import DELETED, objection
from sysmail.notifications.shape import HTML, Shape, freeze
from sysmail.notifications.singles import TEST, unseal
from sysmail.notifications.told import told_by_account_mail, told_by_event, told_by_test
from sysmail.notifications.unsubscribe import unsubscribe_token
from sysmail.outbox import CannotCompose, Claimed, Composer, Outcome, Prepared, Withdrawn
from sysmail.people import link_key
from sysmail.vault import CannotOpen, Vault
from sysmail.words import language

_LETTERS_KEPT = 200


def composer(config: Config, vault: Vault) -> Composer:
    """What the outbox asks before it sends: whether a mail may go, its shape, and its bytes."""
    return Composer(objection(), lambda session: freeze(session, config), _Desk(vault).prepare)


class _Desk:
    """Keeps what many mails share: the link key, and the letters of the events at hand."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._key: bytes | None = None
        self._letters: dict[tuple[object, ...], Letter] = {}

    def prepare(self, session: Session, claims: Sequence[Claimed]) -> list[Outcome]:
        """For each claim the finished mail, or why there is none; it writes nothing."""
        ids = {claim.event_id for claim in claims if claim.event_id is not None}
        events = {e.id: e for e in session.scalars(select(Event).where(Event.id.in_(ids)))}
        return [self._prepare(session, claim, events) for claim in claims]

    def _prepare(self, session: Session, claim: Claimed, events: Mapping[int, Event]) -> Outcome:
        event = events.get(claim.event_id) if claim.event_id is not None else None
        if event is None and claim.event_id is not None:
            return Withdrawn(DELETED)
        try:
            return Prepared(build(self._message(session, claim, event)))
        except Unsafe as refused:
            return CannotCompose(str(refused))
        except CannotOpen:
            detail = "what it needs was sealed with a key that is gone"
            return CannotCompose(detail, for_now=event is not None)

    def _message(self, session: Session, claim: Claimed, event: Event | None) -> Message:
        shape = Shape(**claim.shape)
        sender = _sender(shape.from_address, shape.from_name)
        domain = domain_of(shape.from_address)
        letter = self._letter(claim, event, shape)
        return Message(
            sender=sender,
            recipient=Address(claim.address, claim.name),
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            message_id=message_id(claim.id, claim.created_at, domain),
            date=claim.created_at,
            delivery=str(claim.id),
            event=claim.kind,
            language=shape.language,
            **(self._fields_of_event(session, claim, event, shape, domain) if event else {}),
        )

    def _fields_of_event(
        self, session: Session, claim: Claimed, event: Event, shape: Shape, domain: str
    ) -> dict[str, Any]:
        key = self._link_key(session)
        token = unsubscribe_token(key, claim.person_id or 0, event.kind)
        root = thread(event.record_id, key, domain) if event.record_id is not None else None
        return {
            "list_id": list_id(event, domain),
            "list_unsubscribe": f"{shape.link_base}/unsubscribe/{token}",
            "references": (root,) if root else (),
            "in_reply_to": root if event.kind == COMMENT_POSTED.name else None,
        }

    def _letter(self, claim: Claimed, event: Event | None, shape: Shape) -> Letter:
        previous = language.set(shape.language)
        try:
            if event is None:
                return self._single(claim, shape)
            return self._of_event(claim, event, shape)
        finally:
            language.reset(previous)

    def _of_event(self, claim: Claimed, event: Event, shape: Shape) -> Letter:
        html = shape.format == HTML
        because = claim.because or "follows"
        kept = (event.id, because, html, shape.language, shape.link_base)
        if kept not in self._letters:
            if len(self._letters) >= _LETTERS_KEPT:
                self._letters.clear()
            told = told_by_event(event, shape.link_base)
            self._letters[kept] = write(event.kind, because, told, html=html)
        return self._letters[kept]

    def _single(self, claim: Claimed, shape: Shape) -> Letter:
        if claim.snapshot is None:
            raise CannotOpen("erased")
        snapshot = unseal(self._vault, claim.snapshot)
        if claim.kind == TEST:
            told = told_by_test(shape, claim.created_at)
            return write(TEST, TEST, told, html=True)
        told = told_by_account_mail(
            snapshot["link"], shape.link_base, claim.created_at, claim.expires_at
        )
        return write(f"account_{snapshot['purpose']}", "account", told, html=True)

    def _link_key(self, session: Session) -> bytes:
        if self._key is None:
            self._key = link_key(session, self._vault)
        return self._key


@cache
def _sender(email: str, name: str) -> Address:
    return Address(email, name)
