"""Mail whose recipients want to be left alone now is put off in numbers, not one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from sqlalchemy import bindparam, case, null, select, update
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import Id, UtcTime
from sysmail.outbox.delivery import CLAIMABLE, DELIVERIES, State
from sysmail.outbox.prepared import Claimed, Composer, Later, Outcome
from sysmail.outbox.unindexed import Unindexed

_SLICE = 1000
K = TypeVar("K")
_C = DELIVERIES.c
_IDS = bindparam("ids", expanding=True, type_=Id)
_UNSEEN = _C.uncertain_tries == 0
# What no server can have seen is made anew next time.
_HAND_BACK = (
    update(DELIVERIES)
    .where(_C.id.in_(_IDS), _C.claim_token == bindparam("token"))
    .values(
        state=State.QUEUED.value,
        due_at=bindparam("until", type_=UtcTime),
        claim_token=null(),
        worker_id=null(),
        shape=case((_UNSEEN, null()), else_=_C.shape),
        sha256=case((_UNSEEN, null()), else_=_C.sha256),
    )
)
_DELAY = update(DELIVERIES).where(_C.id.in_(_IDS)).values(due_at=bindparam("until", type_=UtcTime))
# The next in turn: where one of them has to wait, many do.
_NEXT = (
    select(_C.id, _C.person_id)
    .where(
        # The index of what is due serves the order too, however many wait.
        _C.state.in_(CLAIMABLE),
        Unindexed(_C.state) == State.QUEUED.value,
        _C.priority == bindparam("class"),
        _C.due_at <= bindparam("now", type_=UtcTime),
        _C.held.is_(False),
    )
    .order_by(_C.due_at, _C.id)
    .limit(_SLICE)
    .with_for_update(skip_locked=True)
)


def put_off(
    session: Session, composer: Composer, claims: Iterable[Claimed], made: Iterable[Outcome]
) -> None:
    """Gives back those of the claims that have to wait, and with them the next in turn whose
    recipients want to be left alone as well."""
    waiting = [(c, m.until) for c, m in zip(claims, made, strict=True) if isinstance(m, Later)]
    if not waiting:
        return
    connection = session.connection()
    for (until, token), ids in _grouped(
        {claim.id: (until, claim.claim_token) for claim, until in waiting}
    ).items():
        connection.execute(_HAND_BACK, {"ids": ids, "token": token, "until": until})
    now = clock.now()
    for priority in sorted({claim.priority for claim, _until in waiting}):
        rows = connection.execute(_NEXT, {"class": priority, "now": now}).all()
        people = {row.person_id for row in rows if row.person_id is not None}
        until_of = composer.quiet(session, people)
        hushed = {row.id: until_of[row.person_id] for row in rows if row.person_id in until_of}
        for until, ids in _grouped(hushed).items():
            connection.execute(_DELAY, {"ids": ids, "until": until})


def _grouped(found: Mapping[int, K]) -> dict[K, list[int]]:
    """The ids by what they have in common."""
    groups: dict[K, list[int]] = {}
    for id_, key in found.items():
        groups.setdefault(key, []).append(id_)
    return groups
