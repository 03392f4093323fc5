"""Why somebody did or did not get a mail: every link of the chain, each with one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import account, clock, outbox, preferences
from sysmail.config import Config
from sysmail.events import CATALOGUE, Event
from sysmail.notifications import GONE, SUMMARY, Told, because_of, told_to, why_not
from sysmail.outbox import Delivery, Priority, State
from sysmail.people import Person
from sysmail.portal import app_access, subject_exists
from sysmail.web.administration.steps import FAILED, FORGOTTEN, OK, SKIPPED, WAITING, Link
from sysmail.web.failures.rows import Row, Teller
from sysmail.words import _

_OF_KIND = ("kind_off",)
_OF_PERMISSION = ("no_access", "deleted")
_OF_ACCOUNT = ("disabled",)
_OF_ADDRESS = ("bouncing",)
_OF_QUEUE = ("failed", "cancelled", "outdated", "dropped", "expired", "superseded", "empty")
_ABOUT_ADDRESS = "recipient_"


@dataclass(frozen=True)
class Case:
    """One person and one thing they may have been told. `told` is what was decided; `mail` what
    became of it. Without an event it is a mail about the person's own account, or a summary."""

    person: Person
    event: Event | None
    told: Told | None
    mail: Row | None
    may_see: bool
    is_there: bool
    sends: bool
    is_paused: bool
    quiet_until: datetime | None

    @property
    def why(self) -> str:
        """The code of why there is no mail, or empty."""
        if self.told is not None:
            return "" if self.told.why in (None, SUMMARY) else self.told.why or ""
        state, reason = (
            (self.mail.delivery.state, self.mail.delivery.reason) if self.mail else ("", "")
        )
        return reason or "" if state == State.WITHDRAWN else ""


def case_of(session: Session, config: Config, person: Person, event: Event) -> Case:
    """Everything known about this person and this event."""
    told = told_to(session, person.id, [event.id]).get(event.id)
    mail = session.get(Delivery, told.delivery_id) if told and told.delivery_id else None
    administrators_only = CATALOGUE[event.kind].administrators_only
    may_see = (
        person.is_administrator
        if administrators_only
        else bool(session.scalar(select(app_access(person.id, event.app_id))))
    )
    there = subject_exists(event.app_id, event.record_id, event.comment_id)
    is_there = administrators_only or bool(session.scalar(select(there)))
    return _case(session, config, (person, event, told, mail), may_see, is_there)


def case_of_mail(session: Session, config: Config, person: Person, mail: Delivery) -> Case:
    """The same of a mail that tells of no single event."""
    return _case(session, config, (person, None, None, mail), True, True)


def chain(session: Session, case: Case) -> list[Link]:
    """The links in the order in which they are asked."""
    return [
        _account(case),
        _address(case),
        *_about(session, case),
        _permission(case),
        _queue(case),
        _attempts(case),
    ]


def _case(
    session: Session,
    config: Config,
    known: tuple[Person, Event | None, Told | None, Delivery | None],
    may_see: bool,
    is_there: bool,
) -> Case:
    person, event, told, mail = known
    row = None
    if mail is not None:
        last = outbox.last_attempts(session, [mail]).get(mail.id)
        row = Teller(session, config).row(mail, last)
    return Case(
        person,
        event,
        told,
        row,
        may_see,
        is_there,
        sends=outbox.worker_alive(session),
        is_paused=account.health(session).state == account.PAUSED,
        quiet_until=preferences.held_until(session, [person.id], clock.now()).get(person.id),
    )


def _account(case: Case) -> Link:
    title, name = _("Account"), case.person.name
    if case.why in _OF_ACCOUNT and case.person.active:
        words = _("%(name)s was disabled at the time, and is active again.", name=name)
        return Link("account", title, FAILED, words)
    if not case.person.active:
        words = _("%(name)s is disabled: nothing is mailed.", name=name)
        return Link("account", title, SKIPPED if _was_sent(case) else FAILED, words)
    return Link("account", title, OK, _("%(name)s is active.", name=name))


def _address(case: Case) -> Link:
    title, row = _("Address"), case.mail
    last = row.last if row else None
    refused = last is not None and (last.attempt.cause or "").startswith(_ABOUT_ADDRESS)
    if row and last and last.explanation and refused:
        return Link("address", title, FAILED, last.explanation.happened)
    if case.why in _OF_ADDRESS:
        words = _("%(email)s refused mail before.", email=case.person.email)
        return Link("address", title, FAILED, words)
    address = row.delivery.address if row else case.person.email
    return Link("address", title, OK, _("Mail goes to %(email)s.", email=address))


def _about(session: Session, case: Case) -> Iterator[Link]:
    """The kind, and what the person chose."""
    if case.event is None:
        words = _("Mail of this kind cannot be switched off.")
        if case.mail and case.mail.delivery.kind == "digest":
            words = _("It is a summary: it tells what gathered since the one before.")
        yield Link("kind", _("Kind"), OK, words)
        yield _by_choice(case) or Link("preference", _("Preference"), OK, _("No choice stops it."))
        return
    kind = CATALOGUE[case.event.kind]
    choice = preferences.choice_of(session, case.person.id)
    if case.why in _OF_KIND or (case.told is None and not choice.includes(kind)):
        words = _("%(name)s does not receive: %(kind)s.", name=case.person.name, kind=kind.label)
        yield Link("kind", _("Kind"), FAILED, words)
    else:
        words = _("%(name)s receives: %(kind)s.", name=case.person.name, kind=kind.label)
        yield Link("kind", _("Kind"), OK, words)
    yield _by_choice(case) or _as_chosen(case)


def _by_choice(case: Case) -> Link | None:
    elsewhere = (_OF_KIND, _OF_PERMISSION, _OF_ACCOUNT, _OF_ADDRESS, _OF_QUEUE)
    if not case.why or any(case.why in codes for codes in elsewhere):
        return None
    words = _("%(name)s %(why)s.", name=case.person.name, why=why_not(case.why))
    return Link("preference", _("Preference"), FAILED, words)


def _as_chosen(case: Case) -> Link:
    title, told = _("Preference"), case.told
    if told is None:
        return Link("preference", title, SKIPPED, _("It was not asked."))
    words = _("%(name)s %(why)s.", name=case.person.name, why=because_of(told.because))
    if told.why != SUMMARY:
        return Link("preference", title, OK, words)
    summary = _("It goes into a summary, as chosen.")
    return Link("preference", title, OK, f"{words} {summary}", told.summary_due_at)


def _permission(case: Case) -> Link:
    title, name = _("Permission"), case.person.name
    if not case.is_there:
        return Link("permission", title, FAILED, _("What it was about has been deleted."))
    if not case.may_see:
        words = _("%(name)s may not see what it is about.", name=name)
        return Link("permission", title, FAILED, words)
    if case.why == "no_access":
        words = _("%(name)s could not see it when the mail was due, but can now.", name=name)
        return Link("permission", title, FAILED, words)
    if case.event and case.told is None and case.event.expanded_at:
        words = _("%(name)s could not see it when it happened, but can now.", name=name)
        return Link("permission", title, FAILED, words)
    return Link("permission", title, OK, _("%(name)s may see what it is about.", name=name))


def _queue(case: Case) -> Link:
    title, row = _("Queue"), case.mail
    if row is None:
        return _no_mail(case)
    state, at = row.delivery.state, row.delivery.settled_at
    if state == State.WITHDRAWN:
        code = row.delivery.reason or ""
        outcome = FAILED if code in _OF_QUEUE or not case.why else SKIPPED
        return Link("queue", title, outcome, _("Withdrawn: %(why)s.", why=why_not(code)), at)
    if state in (State.SENT, State.FAILED):
        return Link("queue", title, OK, _("Its turn came."), row.delivery.created_at)
    if row.delivery.held:
        return Link("queue", title, FAILED, _("It is held: release or drop it on Held e-mail."))
    if case.is_paused:
        words = _("The System Mail Account is paused, so the mail waits.")
        return Link("queue", title, FAILED, words, row.next.at)
    if not case.sends:
        return Link("queue", title, FAILED, _("No worker is running, so the mail waits."))
    if case.quiet_until is not None and row.delivery.priority >= Priority.NOTIFICATION:
        words = _("%(name)s has quiet hours: it goes when they end.", name=case.person.name)
        return Link("queue", title, WAITING, words, case.quiet_until)
    return Link("queue", title, WAITING, _("It waits: %(next)s.", next=row.next.words), row.next.at)


def _no_mail(case: Case) -> Link:
    title = _("Queue")
    if case.event is not None and case.event.expanded_at is None and case.told is None:
        words = _("Who is told is being worked out.")
        if not case.sends:
            words = _("Who is told is not worked out yet: no worker is running.")
        return Link("queue", title, WAITING if case.sends else FAILED, words)
    if case.told is not None and case.told.state == GONE:
        words = _("The mail ended long ago and is not kept any more.")
        return Link("queue", title, FORGOTTEN, words)
    if case.told is not None and case.told.why == SUMMARY:
        words = _("It waits in the summary that is filling.")
        return Link("queue", title, WAITING, words, case.told.summary_due_at)
    return Link("queue", title, SKIPPED, _("No mail was made."))


def _attempts(case: Case) -> Link:
    title, last = _("Attempts"), case.mail.last if case.mail else None
    if case.told is not None and case.told.state == GONE:
        words = _("Its tries went with it; how long they are kept is set on the failure history.")
        return Link("attempts", title, FORGOTTEN, words)
    if last is None:
        return Link("attempts", title, SKIPPED, _("It has not been tried."))
    at: datetime = last.attempt.at
    if last.explanation is None:
        words = _("Accepted by %(host)s.", host=last.attempt.host or _("the mail server"))
        return Link("attempts", title, OK, words, at, last.reply)
    return Link("attempts", title, FAILED, last.explanation.happened, at, last.reply)


def _was_sent(case: Case) -> bool:
    return case.mail is not None and case.mail.delivery.state == State.SENT
