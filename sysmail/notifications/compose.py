"""From a delivery to its bytes: always the same ones, since nothing but stored values counts."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from sysmail.config import Config
from sysmail.events import COMMENT_POSTED, Event
from sysmail.mime import Address, Message, Unsafe, build
from sysmail.notifications.letters import Letter, write
from sysmail.notifications.naming import domain_of, list_id, message_id, thread
from sysmail.notifications.objection import DELETED, objection
from sysmail.notifications.recipients import DISABLED
from sysmail.notifications.shape import HTML, Shape, shape_of
from sysmail.notifications.singles import TEST, unseal
from sysmail.notifications.told import told_by_account_mail, told_by_event, told_by_test
from sysmail.notifications.unsubscribe import unsubscribe_token
from sysmail.outbox import CannotCompose, Composer, Delivery, Prepared, Withdrawn
from sysmail.people import Person, link_key
from sysmail.vault import CannotOpen, Vault
from sysmail.words import language

_LETTERS_KEPT = 200


def composer(config: Config, vault: Vault) -> Composer:
    """What the outbox asks before it sends: whether a mail may go, and its bytes."""
    return Composer(objection(), _Desk(config, vault).prepare)


class _Desk:
    """Keeps what many mails share: the link key, and the letters of the events at hand."""

    def __init__(self, config: Config, vault: Vault) -> None:
        self._config = config
        self._vault = vault
        self._key: bytes | None = None
        self._letters: dict[tuple[object, ...], Letter] = {}

    def prepare(self, session: Session, delivery: Delivery) -> Prepared | Withdrawn | CannotCompose:
        """The finished mail, or why there is none; it writes nothing."""
        event = None
        if delivery.event_id is not None:
            event = session.get(Event, delivery.event_id)
            if event is None:
                return Withdrawn(DELETED)
        try:
            recipient = _recipient(session, delivery)
            if recipient is None:
                return Withdrawn(DISABLED)
            shape = shape_of(session, self._config, delivery)
            built = build(self._message(session, delivery, event, recipient, shape))
        except Unsafe as refused:
            return CannotCompose(str(refused))
        except CannotOpen:
            return CannotCompose("what it says was sealed with a key that is gone")
        return Prepared(built, recipient.email, recipient.name, shape.values())

    def _message(
        self,
        session: Session,
        delivery: Delivery,
        event: Event | None,
        recipient: Address,
        shape: Shape,
    ) -> Message:
        domain = domain_of(shape.from_address)
        previous = language.set(shape.language)
        try:
            letter = self._letter(delivery, event, shape)
        finally:
            language.reset(previous)
        return Message(
            sender=Address(shape.from_address, shape.from_name),
            recipient=recipient,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            message_id=message_id(delivery.id, delivery.created_at, domain),
            date=delivery.created_at,
            delivery=str(delivery.id),
            event=delivery.kind,
            language=shape.language,
            **(self._fields_of_event(session, delivery, event, shape, domain) if event else {}),
        )

    def _fields_of_event(
        self, session: Session, delivery: Delivery, event: Event, shape: Shape, domain: str
    ) -> dict[str, Any]:
        key = self._link_key(session)
        token = unsubscribe_token(key, delivery.person_id or 0, event.kind)
        root = thread(event.record_id, key, domain) if event.record_id is not None else None
        return {
            "list_id": list_id(event, domain),
            "list_unsubscribe": f"{shape.link_base}/unsubscribe/{token}",
            "references": (root,) if root else (),
            "in_reply_to": root if event.kind == COMMENT_POSTED.name else None,
        }

    def _letter(self, delivery: Delivery, event: Event | None, shape: Shape) -> Letter:
        if event is None:
            return self._single(delivery, shape)
        return self._of_event(delivery, event, shape)

    def _of_event(self, delivery: Delivery, event: Event, shape: Shape) -> Letter:
        html = shape.format == HTML
        because = delivery.because or "follows"
        kept = (event.id, because, html, shape.language, shape.link_base)
        if kept not in self._letters:
            if len(self._letters) >= _LETTERS_KEPT:
                self._letters.clear()
            told = told_by_event(event, shape.link_base)
            self._letters[kept] = write(event.kind, because, told, html=html)
        return self._letters[kept]

    def _single(self, delivery: Delivery, shape: Shape) -> Letter:
        if delivery.snapshot is None:
            raise CannotOpen("erased")
        snapshot = unseal(self._vault, delivery.snapshot)
        if delivery.kind == TEST:
            told = told_by_test(shape, delivery.created_at)
            return write(TEST, TEST, told, html=True)
        told = told_by_account_mail(
            snapshot["link"], shape.link_base, delivery.created_at, delivery.expires_at
        )
        return write(f"account_{snapshot['purpose']}", "account", told, html=True)

    def _link_key(self, session: Session) -> bytes:
        if self._key is None:
            self._key = link_key(session, self._vault)
        return self._key


def _recipient(session: Session, delivery: Delivery) -> Address | None:
    """Who it goes to now, or went to at the first try; None when the person is gone."""
    if delivery.shape is not None or delivery.person_id is None:
        return Address(delivery.address, delivery.name)
    person = session.get(Person, delivery.person_id)
    return Address(person.email, person.name) if person else None
