"""A delivery as the history shows it: what happened in words, the server, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from sysmail import account, clock, outbox
from sysmail.config import Config
from sysmail.diagnosis import Explanation, explain
from sysmail.outbox import Attempt, Delivery, Priority, State
from sysmail.words import _, lazy

KINDS = {
    "record_added": lazy("A record was added"),
    "comment_posted": lazy("A comment was posted"),
    "audit_log_added": lazy("An entry was added to the audit log"),
    "test": lazy("Test e-mail"),
    "account": lazy("Mail about a person's own account"),
}
PHASES = {
    "resolve": lazy("Looking up the server"),
    "connect": lazy("Connecting"),
    "greeting": lazy("Greeting"),
    "ehlo": lazy("Introducing ourselves"),
    "starttls": lazy("Asking for encryption"),
    "tls": lazy("Encrypting"),
    "auth": lazy("Logging in"),
    "mail": lazy("Naming the sender"),
    "rcpt": lazy("Naming the recipient"),
    "data": lazy("Announcing the mail"),
    "dot": lazy("Handing over the mail"),
    "local": lazy("Before any server was asked"),
}
_ENCRYPTIONS = {"plain": lazy("Plain"), "ssl": lazy("SSL"), "starttls": lazy("STARTTLS")}


@dataclass(frozen=True)
class Next:
    """What comes next, in words; `at` is the time that ends them, or None."""

    words: str
    at: datetime | None = None


@dataclass(frozen=True)
class Try:
    """One attempt, explained."""

    attempt: Attempt
    explanation: Explanation | None

    @property
    def server(self) -> str:
        """Like "smtp.example.com:587"; empty when no server was asked."""
        attempt = self.attempt
        host = f"[{attempt.host}]" if ":" in attempt.host else attempt.host
        return f"{host}:{attempt.port}" if host and attempt.port else host

    @property
    def settings(self) -> str:
        """Like "STARTTLS, SMTP AUTH"."""
        used = [str(_ENCRYPTIONS.get(self.attempt.encryption, self.attempt.encryption))]
        return ", ".join([*used, "SMTP AUTH"] if self.attempt.authenticated else used)

    @property
    def reply(self) -> str:
        """The server's own words, with the codes before them."""
        attempt = self.attempt
        parts = (str(attempt.code or ""), attempt.enhanced or "", attempt.words)
        return " ".join(part for part in parts if part)

    @property
    def phase(self) -> str:
        return str(PHASES.get(self.attempt.phase, self.attempt.phase))


@dataclass(frozen=True)
class Row:
    """One delivery with its last try, if that is known."""

    delivery: Delivery
    last: Try | None
    explanation: Explanation
    next: Next
    retriable: bool
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
        self._account = account.current(session)
        self._health = account.health(session)
        self._now = clock.now()

    def rows(self, deliveries: Sequence[Delivery]) -> list[Row]:
        attempts = outbox.last_attempts(self._session, deliveries)
        return [self.row(delivery, attempts.get(delivery.id)) for delivery in deliveries]

    def row(self, delivery: Delivery, attempt: Attempt | None) -> Row:
        last = self.attempt(delivery, attempt) if attempt else None
        told = last.explanation if last else None
        return Row(
            delivery=delivery,
            last=last,
            explanation=told
            or explain(
                delivery.cause, address=delivery.address, will_repeat=self._will_repeat(delivery)
            ),
            next=self._next(delivery, last),
            retriable=outbox.refusal(delivery) is None,
            is_moving=self._is_moving(delivery),
        )

    def attempt(self, delivery: Delivery, attempt: Attempt) -> Try:
        if attempt.outcome == "sent":
            return Try(attempt, None)
        told = explain(
            attempt.cause,
            host=attempt.host,
            address=delivery.address,
            words=attempt.words,
            mode=self._mode(attempt),
            will_repeat=self._will_repeat(delivery),
        )
        return Try(attempt, told)

    def _mode(self, attempt: Attempt) -> str:
        """Whose server it was; an attempt to the account's own host was no direct delivery."""
        own = self._account.smtp_host.casefold()
        is_direct = self._config.builtin == "direct" and attempt.host.casefold() != own
        clear = attempt.encryption == "plain" and not attempt.authenticated
        return "direct" if attempt.scope == "domain" or (is_direct and clear) else "external"

    def _will_repeat(self, delivery: Delivery) -> bool:
        if delivery.state == State.UNCERTAIN:
            return not self._rests(delivery)
        return delivery.state in (State.QUEUED, State.SENDING)

    def _is_moving(self, delivery: Delivery) -> bool:
        """Something will happen within seconds, so the page keeps asking."""
        if delivery.state == State.SENDING:
            return True
        waits = delivery.state == State.QUEUED and not delivery.held
        is_due = waits and delivery.due_at <= self._now
        return is_due and not account.blocked(self._health, self._now)

    def _next(self, delivery: Delivery, last: Try | None) -> Next:
        if delivery.state == State.SENT:
            host = last.attempt.host if last else ""
            return Next(_("accepted by %(host)s", host=host), delivery.settled_at)
        if delivery.state == State.SENDING:
            return Next(_("is being sent now"))
        if delivery.state == State.WITHDRAWN:
            return Next(_("no longer wanted or allowed: withdrawn"), delivery.settled_at)
        if delivery.state == State.FAILED:
            return Next(_("given up"), delivery.settled_at)
        if delivery.state == State.UNCERTAIN and self._rests(delivery):
            return Next(_("rests until you decide; a second copy may arrive"))
        return self._when_due(delivery)

    def _rests(self, delivery: Delivery) -> bool:
        tried_enough = delivery.uncertain_tries > self._config.uncertain_tries
        return tried_enough or delivery.priority == Priority.TEST

    def _when_due(self, delivery: Delivery) -> Next:
        if delivery.held:
            return Next(_("held until an administrator decides"))
        if self._health.state == account.PAUSED:
            return Next(_("waits for the System Mail Account"), self._health.next_probe_at)
        due = max(delivery.due_at, self._health.waits_until or delivery.due_at)
        if due <= self._now:
            return Next(_("goes in a moment"))
        if delivery.state == State.UNCERTAIN:
            return Next(_("may have arrived; goes again"), due)
        return Next(_("next try"), due)
