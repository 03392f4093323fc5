"""A delivery as the history shows it: what happened in words, the server, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import account, clock, outbox
from sysmail.account import DomainWait
from sysmail.config import Config
from sysmail.diagnosis import Explanation, explain
from sysmail.outbox import Group, Priority, Seen, Shown, State
from sysmail.web.failures.tries import Try
from sysmail.words import _, lazy

KINDS = {
    "record_added": lazy("A record was added"),
    "comment_posted": lazy("A comment was posted"),
    "audit_log_added": lazy("An entry was added to the audit log"),
    "test": lazy("Test e-mail"),
    "account": lazy("Mail about a person's own account"),
}
_REASONS = {
    "cancelled": lazy("cancelled by an administrator"),
    "outdated": lazy("dropped by an administrator as outdated"),
    "dropped": lazy("dropped by an administrator"),
    "expired": lazy("the link it carried has expired"),
    "superseded": lazy("a newer test replaced it"),
}
# Explanations of a page differ in little but the recipient: these stand in until the end.
_NAME, _DOMAIN = "\x01name@\x01domain", "\x01domain"


class Next(NamedTuple):
    """What comes next, in words; `at` is the time that ends them, or None."""

    words: str
    at: datetime | None = None


@dataclass(slots=True)
class Row:
    """One delivery with its last try, if that is known."""

    delivery: Shown
    last: Try | None
    explanation: Explanation
    next: Next
    is_moving: bool

    @property
    def who(self) -> str:
        """Who must act; what was withdrawn is nobody's task any more."""
        return _("Nobody") if self.delivery.state == State.WITHDRAWN else self.explanation.who

    @property
    def may_repeat(self) -> bool:
        """Whether the server may already have taken a copy."""
        return self.delivery.state == State.UNCERTAIN or self.delivery.uncertain_tries > 0


class Teller:
    """Tells deliveries as rows; what all rows share is read once."""

    def __init__(self, session: Session, config: Config) -> None:
        self._session = session
        self._config = config
        self._health = account.health(session)
        self._account = account.current(session)
        self._now = clock.now()
        self._told: dict[tuple[Any, ...], Explanation] = {}

    def rows(self, deliveries: Iterable[Shown]) -> list[Row]:
        listed = list(deliveries)
        seen = outbox.last_seen(self._session, [one.id for one in listed])
        return [self.row(delivery, seen.get(delivery.id)) for delivery in listed]

    def row(self, delivery: Shown, attempt: Seen | None) -> Row:
        last = self.attempt(delivery, attempt) if attempt else None
        told = last.explanation if last else None
        return Row(
            delivery=delivery,
            last=last,
            explanation=told or self._explain(delivery, None),
            next=self._next(delivery, last),
            is_moving=self._is_moving(delivery),
        )

    def attempt(self, delivery: Shown, attempt: Seen) -> Try:
        sent = attempt.outcome == "sent"
        return Try(attempt, None if sent else self._explain(delivery, attempt))

    def happened_to_many(self, row: Row) -> str:
        """The sentence of a row without its recipient."""
        seen = row.last.attempt if row.last else None
        if seen is None or seen.outcome == "sent":
            return self.happened_by(row.delivery.cause)
        return self._explained(seen, "", will_repeat=True).happened

    def happened_by(self, cause: str | None) -> str:
        """The sentence of a cause alone, for the log-in of now."""
        return explain(cause, by_token=account.uses_oauth(self._account)).happened

    def next_of_many(self, group: Group, newest: Shown) -> Next | None:
        """When the first of them goes again; None where none does by itself."""
        if group.due_at is None or self._rests(newest):
            return None
        if self._health.state == account.PAUSED:
            return Next(_("next try"), self._health.next_probe_at)
        due = max(group.due_at, self._health.waits_until or group.due_at)
        if due <= self._now:
            due = self._due_at(newest)
        return Next(_("next try"), due) if due > self._now else Next(_("goes in a moment"))

    def waits_because_of(self, cause: str) -> bool:
        """Nothing goes now, and this is what the account itself waits for."""
        return self._is_blocked and self._health.cause == cause

    @property
    def _is_blocked(self) -> bool:
        return account.blocked(self._health, self._now)

    def _explain(self, delivery: Shown, attempt: Seen | None) -> Explanation:
        address, will_repeat = delivery.address, self._will_repeat(delivery)
        if attempt is None:
            return explain(delivery.cause, address=address, will_repeat=will_repeat)
        if "@" in attempt.words:
            return self._explained(attempt, address, will_repeat)
        said = (attempt.cause, attempt.host, attempt.words, attempt.mode, attempt.code)
        key = (*said, attempt.enhanced, will_repeat, self._is_by_token(attempt))
        if key not in self._told:
            self._told[key] = self._explained(attempt, _NAME, will_repeat)
        return _named(self._told[key], address)

    def _explained(self, attempt: Seen, address: str, will_repeat: bool) -> Explanation:
        return explain(
            attempt.cause,
            host=attempt.host,
            address=address,
            words=attempt.words,
            mode=attempt.mode,
            will_repeat=will_repeat,
            code=attempt.code,
            enhanced=attempt.enhanced,
            by_token=self._is_by_token(attempt),
        )

    def _is_by_token(self, attempt: Seen) -> bool:
        """A try with settings that were replaced meanwhile is told as one with a password."""
        is_now = attempt.at >= self._account.changed_at
        return is_now and account.uses_oauth(self._account)

    def _will_repeat(self, delivery: Shown) -> bool:
        if delivery.state == State.UNCERTAIN:
            return not self._rests(delivery)
        return delivery.state in (State.QUEUED, State.SENDING)

    def _is_moving(self, delivery: Shown) -> bool:
        """Something will happen within seconds, so the page keeps asking."""
        if delivery.state == State.SENDING:
            return True
        waits = delivery.state == State.QUEUED and not delivery.held
        return waits and not self._is_blocked and self._due_at(delivery) <= self._now

    def _next(self, delivery: Shown, last: Try | None) -> Next:
        if delivery.state == State.FAILED:
            return Next(_("given up"), delivery.settled_at)
        if delivery.state == State.SENT:
            host = last.attempt.host if last else ""
            return Next(_("accepted by %(host)s", host=host or "?"), delivery.settled_at)
        if delivery.state == State.SENDING:
            return Next(_("is being sent now"))
        if delivery.state == State.WITHDRAWN:
            why = _REASONS.get(delivery.reason or "", _("no longer wanted or allowed: withdrawn"))
            return Next(str(why), delivery.settled_at)
        if delivery.state == State.UNCERTAIN and self._rests(delivery):
            return Next(_("rests until you decide; a second copy may arrive"))
        return self._when_due(delivery)

    def _rests(self, delivery: Shown) -> bool:
        tried_enough = delivery.uncertain_tries > self._config.uncertain_tries
        return tried_enough or delivery.priority == Priority.TEST

    def _when_due(self, delivery: Shown) -> Next:
        if delivery.held:
            return Next(_("held until an administrator decides"))
        if self._health.state == account.PAUSED:
            return Next(_("waits for the System Mail Account"), self._health.next_probe_at)
        due = self._due_at(delivery)
        if due <= self._now:
            return Next(_("goes in a moment"))
        if delivery.state == State.UNCERTAIN:
            return Next(_("may have arrived; goes again"), due)
        return Next(_("next try"), due)

    def _due_at(self, delivery: Shown) -> datetime:
        """Its own time, that of the whole account, or that of the recipient's domain."""
        domain = delivery.address.rpartition("@")[2].lower()
        waits = (self._health.waits_until, self._domains.get(domain))
        return max([delivery.due_at, *(until for until in waits if until)])

    @cached_property
    def _domains(self) -> Mapping[str, datetime]:
        """Recipient domains that wait as a whole, and until when."""
        waiting = select(DomainWait.domain, DomainWait.until).where(DomainWait.until > self._now)
        return {row.domain.lower(): row.until for row in self._session.execute(waiting)}


def _named(told: Explanation, address: str) -> Explanation:
    """The explanation with the recipient in its place."""

    def fill(text: str) -> str:
        domain = address.rpartition("@")[2]
        return text.replace(_NAME, address).replace(_DOMAIN, domain)

    if _DOMAIN not in told.happened + told.todo:
        return told
    return replace(told, happened=fill(told.happened), todo=fill(told.todo), act=fill(told.act))
