"""A choice and its consequences: what waits already obeys it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

from sqlalchemy.orm import Session

from sysmail import audit, clock
from sysmail.audit import Actor
from sysmail.events import CATALOGUE
from sysmail.notifications.releasing import release_held
from sysmail.notifications.rescheduling import Waiting, waiting_by_default
from sysmail.notifications.retiming import Retimed, retime_summary
from sysmail.notifications.withdrawing import withdraw_for
from sysmail.people import Person
from sysmail.preferences import (
    Choice,
    choice_of,
    default_choice,
    quiet_until,
    store_app_mode,
    store_default,
    store_record_mode,
    store_whole_choice,
)

_SUMMARIES = {"frequency", "daily_at", "weekdays"}
_QUIET = {"quiet_from", "quiet_until", "timezone"}
_NONE: Mapping[int, str | None] = MappingProxyType({})


@dataclass(frozen=True)
class Consequences:
    """What a change of mind did: how many waiting mails are not sent, how many that quiet hours
    held go now, and what became of the summary that fills, where its time changed."""

    withdrawn: int = 0
    released: int = 0
    summary: Retimed | None = None


def apply_choice(
    session: Session,
    person: Person,
    choice: Choice,
    apps: Mapping[int, str | None] = _NONE,
    records: Mapping[int, str | None] = _NONE,
) -> Consequences:
    """Stores what the person chose; kinds they may not hear of are left out. `apps` and `records`
    hold the modes that change, by id: follow, mute, or None for neither.

    What waits and is no longer wanted is withdrawn; what quiet hours held that are over now goes
    at once; the summary that fills is due as the choice says. Format and language are written on
    a delivery no earlier than its claim. Raises ValueError for a value nobody may choose.
    """
    before = choice_of(session, person.id)
    after = replace(choice, kinds=choice.kinds & _open_to(person))
    store_whole_choice(session, person.id, after)
    for app_id, mode in apps.items():
        store_app_mode(session, person.id, app_id, mode)
    for record_id, mode in records.items():
        store_record_mode(session, person.id, record_id, mode)
    withdrawn = withdraw_for(session, person.id)
    summary = retime_summary(session, person.id, before, after)
    return Consequences(withdrawn, _release(session, person, before, after), summary)


def apply_default(session: Session, actor: Actor, choice: Choice) -> Waiting:
    """Sets what holds for those who never chose, audited; their waiting mail is asked again when
    it is claimed. The worker gives what waits its new times, slice by slice; what that is,
    nothing where no time changes."""
    before, after = asdict(default_choice(session)), asdict(replace(choice, chosen=False))
    store_default(session, choice)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        details = {
            "before": {name: before[name] for name in changed},
            "after": {name: after[name] for name in changed},
        }
        audit.record(session, "notification_defaults_changed", actor, details)
    quiet = not _QUIET.isdisjoint(changed)
    if not quiet and _SUMMARIES.isdisjoint(changed):
        return Waiting(0, 0)
    waiting = waiting_by_default(session)
    return waiting if quiet else replace(waiting, mails=0)


def apply_app_mode(session: Session, person: Person, app_id: int, mode: str | None) -> Consequences:
    """Follows or mutes an app, or neither; what waits and is muted now is withdrawn."""
    store_app_mode(session, person.id, app_id, mode)
    return Consequences(withdraw_for(session, person.id))


def apply_record_mode(
    session: Session, person: Person, record_id: int, mode: str | None
) -> Consequences:
    """Follows or mutes a record, or neither; what waits and is muted now is withdrawn."""
    store_record_mode(session, person.id, record_id, mode)
    return Consequences(withdraw_for(session, person.id))


def _release(session: Session, person: Person, before: Choice, after: Choice) -> int:
    """The claim holds again what falls into other quiet hours, so only their end is news."""
    now = clock.now()
    was, now_until = quiet_until(before, now), quiet_until(after, now)
    if was is None or was == now_until:
        return 0
    released = release_held(session, person.id, now, was)
    return released if now_until is None else 0


def _open_to(person: Person) -> int:
    return sum(
        kind.bit
        for kind in CATALOGUE.values()
        if person.is_administrator or not kind.administrators_only
    )
