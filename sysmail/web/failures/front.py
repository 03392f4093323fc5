"""The history's front: trouble folded into incidents, and who waits until when."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import outbox
from sysmail.config import Config
from sysmail.outbox import MOST_COUNTED, Delivery, Group, State
from sysmail.web.failures.rows import Next, Row, Teller
from sysmail.words import _, grouped


@dataclass(frozen=True)
class Incident:
    """Three or more of one state and cause; `row` is the newest of them. `waiting` is how many
    wait for the same reason, tried or not."""

    group: Group
    row: Row
    happened: str
    waiting: int
    next: Next | None

    @property
    def others(self) -> str:
        """Like "and 142 others"."""
        number = self.group.count - 1
        if self.group.is_capped:
            return _("and more than %(number)s others", number=grouped(number))
        return _("and %(number)s others", number=grouped(number))

    @property
    def standing(self) -> str:
        """Like "143 waiting, 0 lost"."""
        number = _shown(self.waiting)
        words = {
            State.QUEUED: _("%(number)s waiting, 0 lost", number=number),
            State.SENDING: _("%(number)s being sent", number=number),
            State.UNCERTAIN: _("%(number)s may have arrived", number=number),
            State.FAILED: _("%(number)s given up", number=number),
            State.WITHDRAWN: _("%(number)s withdrawn", number=number),
        }
        return words[State(self.group.state)]


Entry = Row | Incident


def entries(session: Session, config: Config) -> list[Entry]:
    """Everything in trouble, newest first: incidents, and what is too rare to be one."""
    by_id = {number: group for group in outbox.groups(session) for number in group.shown_ids}
    if not by_id:
        return []
    of_them = select(Delivery).where(Delivery.id.in_(by_id))
    newest_first = of_them.order_by(Delivery.trouble_at.desc(), Delivery.id.desc())
    teller = Teller(session, config)
    rows = teller.rows(session.execute(outbox.shown(newest_first)))
    return [_entry(session, teller, by_id[row.delivery.id], row) for row in rows]


def _entry(session: Session, teller: Teller, group: Group, row: Row) -> Entry:
    if not group.is_incident:
        return row
    waiting = group.count
    if group.state == State.QUEUED and teller.waits_because_of(group.cause):
        waiting = max(waiting, _queued(session))
    coming = teller.next_of_many(group, row.delivery)
    return Incident(group, row, teller.happened_to_many(row), waiting, coming)


def _queued(session: Session) -> int:
    """Everything that waits, tried or not; counting stops where that of groups does."""
    waits = select(Delivery.id).where(Delivery.state == State.QUEUED).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(waits.subquery())) or 0


def _shown(number: int) -> str:
    if number >= MOST_COUNTED:
        return _("more than %(number)s", number=grouped(MOST_COUNTED))
    return grouped(number)
