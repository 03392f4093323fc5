"""From a delivery to its bytes: always the same ones, since nothing but stored values counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.config import Config
from sysmail.events import COMMENT_POSTED, Event
from sysmail.mime import Address, Built, Mailing, Message, Unsafe, build
from sysmail.notifications.addressing import addressed
from sysmail.notifications.bounces import note_results
from sysmail.notifications.digest import lines_for, message_of
from sysmail.notifications.fixing import fix
from sysmail.notifications.hushed import Hushed
from sysmail.notifications.items import Line
from sysmail.notifications.letters import Letter, write
from sysmail.notifications.naming import domain_of, list_id, message_id, thread
from sysmail.notifications.objection import DELETED, objection
from sysmail.notifications.shape import HTML, Shape, read_shape, shapes, shaping
from sysmail.notifications.signing import Signing
from sysmail.notifications.singles import TEST, manner_in, unseal
from sysmail.notifications.summary import DIGEST
from sysmail.notifications.told import told_by_account_mail, told_by_event, told_by_test
from sysmail.notifications.unsubscribe import unsubscribe_token
from sysmail.notifications.zoning import set_clocks
from sysmail.outbox import (
    CannotCompose,
    Claimed,
    Composer,
    Outcome,
    Prepared,
    Priority,
    Withdrawn,
    arrival_token,
)
from sysmail.people import link_key
from sysmail.preferences import held_until, zone_of
from sysmail.vault import CannotOpen, Vault
from sysmail.words import speaking

_MAILINGS_KEPT = 200


def composer(config: Config, vault: Vault) -> Composer:
    """What the outbox asks before it sends: whether a mail may go, its shape, and its bytes."""
    return Composer(
        objection(),
        shaping(),
        lambda session: shapes(session, config),
        Hushed(Signing(_Desk(vault).prepare, vault)),
        lambda session, claims: fix(session, set_clocks(session, claims)),
        note_results,
        lambda session, people: held_until(session, people, clock.now()),
    )


class _Desk:
    """Keeps what many mails share: the link key, and the mailings of the events at hand."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._key: bytes | None = None
        self._mailings: dict[tuple[object, ...], _Kept] = {}

    def prepare(self, session: Session, claims: Sequence[Claimed]) -> list[Outcome]:
        """For each claim the finished mail, or why there is none; it writes nothing."""
        ids = {claim.event_id for claim in claims if claim.event_id is not None}
        events = {e.id: e for e in session.scalars(select(Event).where(Event.id.in_(ids)))}
        if self._key is None:
            with suppress(CannotOpen):
                self._key = link_key(session, self._vault)
        lines = lines_for(session, claims)
        return [self._prepare(claim, events, lines) for claim in claims]

    def _prepare(
        self, claim: Claimed, events: Mapping[int, Event], lines: dict[int, Line]
    ) -> Outcome:
        try:
            if claim.kind == DIGEST:
                return self._digest(claim, lines)
            if claim.event_id is None:
                return Prepared(build(self._single(claim)))
            event = events.get(claim.event_id)
            return Withdrawn(DELETED) if event is None else Prepared(self._copy(claim, event))
        except Unsafe as refused:
            return CannotCompose(str(refused))
        except CannotOpen:
            detail = "what it needs was sealed with a key that is gone"
            return CannotCompose(detail, for_now=claim.priority >= Priority.NOTIFICATION)

    def _digest(self, claim: Claimed, lines: dict[int, Line]) -> Outcome:
        if self._key is None:
            raise CannotOpen("link key")
        message = message_of(claim, lines, self._key)
        return Withdrawn("empty") if message is None else Prepared(build(message))

    def _copy(self, claim: Claimed, event: Event) -> Built:
        """One person's copy of what an event tells."""
        if self._key is None:
            raise CannotOpen("link key")
        kept = self._kept(claim, event, self._key)
        token = unsubscribe_token(self._key, claim.person_id or 0, event.kind, event.record_id)
        return kept.mailing.to(
            Address(claim.address, claim.name),
            message_id(claim.id, claim.created_at, kept.domain),
            str(claim.id),
            f"{kept.link_base}/unsubscribe/{token}",
        )

    def _kept(self, claim: Claimed, event: Event, key: bytes) -> _Kept:
        """Made anew when the event tells something else: it forgets whoever is erased."""
        known = (event.id, claim.because, claim.shape, claim.created_at)
        kept = self._mailings.get(known)
        if kept is None or kept.told != event.snapshot:
            if len(self._mailings) >= _MAILINGS_KEPT:
                self._mailings.clear()
            kept = self._mailings[known] = _mailing(claim, event, key)
        return kept

    def _single(self, claim: Claimed) -> Message:
        """A test or account mail."""
        shape = read_shape(claim.shape)
        if claim.snapshot is None:
            raise CannotOpen("erased")
        snapshot = unseal(self._vault, claim.snapshot)
        tongue, clock_of = manner_in(snapshot, shape.language)
        with speaking(tongue, clock_of):
            letter = self._single_letter(claim, shape, snapshot)
        return addressed(letter, claim, shape, tongue)

    def _single_letter(self, claim: Claimed, shape: Shape, snapshot: dict[str, Any]) -> Letter:
        if claim.kind == TEST:
            told = told_by_test(shape, claim.created_at, self._arrival_url(claim, shape))
            return write(TEST, TEST, {**told, **shape.house}, html=True)
        told = told_by_account_mail(
            snapshot["link"], shape.link_base, claim.created_at, claim.expires_at
        )
        told |= shape.house
        return write(f"account_{snapshot['purpose']}", "account", told, html=True)

    def _arrival_url(self, claim: Claimed, shape: Shape) -> str:
        if self._key is None:
            raise CannotOpen("link key")
        return f"{shape.link_base}/received/{arrival_token(self._key, claim.id)}"


class _Kept(NamedTuple):
    mailing: Mailing
    domain: str
    link_base: str
    told: dict[str, Any]


def _mailing(claim: Claimed, event: Event, key: bytes) -> _Kept:
    """What an event tells everybody for the same reason and in the same shape."""
    shape, because = read_shape(claim.shape), claim.because or "follows"
    domain = domain_of(shape.from_address)
    with speaking(shape.language, zone_of(shape.zone)):
        told = {**told_by_event(event, shape.link_base), **shape.house}
        letter = write(event.kind, because, told, html=shape.format == HTML)
        sender = shape.sender(told["actor"])
    root = thread(event.record_id, key, domain) if event.record_id is not None else None
    mailing = Mailing(
        sender=sender,
        reply_to=shape.replies,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        date=claim.created_at,
        event=claim.kind,
        language=shape.language,
        list_id=list_id(event, domain),
        references=(root,) if root else (),
        in_reply_to=root if event.kind == COMMENT_POSTED.name else None,
    )
    return _Kept(mailing, domain, shape.link_base, event.snapshot)
