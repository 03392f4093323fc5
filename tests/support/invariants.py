"""What must hold after every fault: I1 to I7 of the promise, over database and mail server.

assert_kept(session, server, kills=1)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from sysmail.events import Event
from sysmail.notifications import Notification, ledger
from sysmail.notifications.summary import Summary
from sysmail.outbox import Attempt, Delivery, State, Worker
from tests.support.smtp_ledger import Received
from tests.support.smtpd import ScriptedSmtp

_DELIVERY = re.compile(rb"^X-Sysmail-Delivery: (\d+)\r$", re.MULTILINE)


@dataclass(frozen=True)
class Books:
    """Both sides: `told` are the deliveries with their doubts, `seen` what was accepted."""

    told: Sequence[Row[tuple[Delivery, int]]]
    seen: dict[int, list[Received]]

    @property
    def copies(self) -> int:
        return sum(len(mails) for mails in self.seen.values())

    @property
    def doubts(self) -> int:
        return sum(doubts for _, doubts in self.told)

    @property
    def duplicates(self) -> int:
        return sum(max(0, len(self.of(delivery)) - 1) for delivery, _ in self.told)

    @property
    def unexplained(self) -> list[int]:
        """I3: deliveries of which more copies were accepted than doubts tell of."""
        return [d.id for d, doubts in self.told if len(self.of(d)) - 1 > doubts]

    @property
    def lost(self) -> list[int]:
        """I2: called sent, but never accepted."""
        return [d.id for d, _ in self.told if d.state == State.SENT and not self.of(d)]

    def of(self, delivery: Delivery) -> list[Received]:
        return self.seen.get(delivery.id, [])


def books(session: Session, received: Iterable[Received]) -> Books:
    session.rollback()
    session.expire_all()
    doubts = (
        select(func.count(Attempt.id))
        .where(Attempt.delivery_id == Delivery.id, Attempt.outcome == "uncertain")
        .scalar_subquery()
    )
    seen: dict[int, list[Received]] = {}
    for mail in received:
        found = _DELIVERY.search(mail.raw)
        assert found, "a mail that no delivery asked for"
        seen.setdefault(int(found[1]), []).append(mail)
    return Books(session.execute(select(Delivery, doubts)).all(), seen)


def broken(session: Session, received: Iterable[Received]) -> list[str]:
    """Every promise that was not kept, in words."""
    both = books(session, received)
    wrong = [f"delivery {lost} is called sent but was never accepted" for lost in both.lost]
    wrong += [f"delivery {number} has an unexplained copy" for number in both.unexplained]
    for delivery, doubts in both.told:
        copies = both.of(delivery)
        if len({mail.sha256 for mail in copies}) > 1:
            wrong.append(f"copies of delivery {delivery.id} differ")
        if delivery.state in (State.FAILED, State.WITHDRAWN) and copies and not doubts:
            wrong.append(f"delivery {delivery.id} is {delivery.state} but was accepted")
        if any(mail.rcpt_to != (delivery.address,) for mail in copies):
            wrong.append(f"delivery {delivery.id} went to somebody else")
    return wrong + _missing(session)


def assert_kept(
    session: Session, server: ScriptedSmtp, kills: int = 0, connections: int = 4
) -> Books:
    """I1 to I5; `kills` workers of so many connections may each leave that many in doubt."""
    assert broken(session, server.ledger) == []
    both = books(session, server.ledger)
    own = _doubts_without_a_try(session)
    assert own <= kills * connections, f"{own} in doubt after {kills} kills"
    return both


def assert_settled(
    session: Session, server: ScriptedSmtp, kills: int = 0, connections: int = 4
) -> Books:
    """The same, and everything has ended as sent."""
    both = assert_kept(session, server, kills, connections)
    states = {delivery.state for delivery, _ in both.told}
    assert states == {State.SENT}, states
    return both


def secrets_found(folder: Path, secrets: Iterable[str]) -> list[str]:
    """I7: files of an instance, its keys aside, that hold a secret in the clear."""
    files = [path for path in folder.rglob("*") if path.is_file() and "key" not in path.name]
    return [
        f"{path.name} holds {secret}"
        for path in files
        for secret in secrets
        if secret.encode() in path.read_bytes()
    ]


def _missing(session: Session) -> list[str]:
    """I1: each event is expanded, each notice is in one state, no claim is without a worker."""
    difference = ledger(session).difference
    wrong = [f"the ledger differs by {difference}"] if difference else []
    waiting = session.scalar(select(func.count()).where(Event.expanded_at.is_(None)))
    if waiting:
        wrong.append(f"{waiting} events are not expanded")
    held = select(Delivery.id).where(
        Delivery.state == State.SENDING, Delivery.worker_id.not_in(select(Worker.id))
    )
    wrong += [f"delivery {found} is claimed by nobody" for found in session.scalars(held)]
    return wrong + _untold(session)


def _untold(session: Session) -> list[str]:
    """What a summary tells stands in one mail and in no other, and is counted there."""
    is_item = (Notification.summary_id.is_not(None), Notification.dropped.is_(None))
    kept = select(Notification.id).where(*is_item)
    nowhere = kept.where(
        Notification.summary_id.not_in(
            select(Summary.id).where(Summary.posted_at.is_(None) | Summary.delivery_id.is_not(None))
        )
    )
    twice = select(Notification.id).join(
        Delivery,
        (Delivery.event_id == Notification.event_id)
        & (Delivery.person_id == Notification.person_id),
    )
    wrong = [f"notification {found} is in no mail" for found in session.scalars(nowhere)]
    told_twice = session.scalars(twice.where(Notification.summary_id.is_not(None)))
    wrong += [f"notification {found} is told twice" for found in told_twice]
    held = select(func.count(Notification.id)).join(Summary, Summary.id == Notification.summary_id)
    counted = held.where(*is_item, Summary.delivery_id == Delivery.id).scalar_subquery()
    miscounted = select(Delivery.id).where(Delivery.kind == "digest", Delivery.notices != counted)
    return wrong + [f"summary {found} miscounts" for found in session.scalars(miscounted)]


def _doubts_without_a_try(session: Session) -> int:
    """I4: doubts that a take-over recorded, not a worker that saw the connection end."""
    unseen = select(func.count(Attempt.id)).where(
        Attempt.outcome == "uncertain", Attempt.host == ""
    )
    return session.scalar(unseen) or 0
