"""Filling summaries: what an expansion marked goes to the summary its person has open."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Executable, select, update
from sqlalchemy.orm import Session

from sysmail.db import inserting
from sysmail.notifications.notification import NOTIFICATIONS
from sysmail.notifications.summary import SUMMARIES

# A summary's id is never 0: it marks, within one transaction, what is still to be placed.
UNPLACED = 0

_N, _S = NOTIFICATIONS.c, SUMMARIES.c
_IS_UNPLACED = (_N.summary_id == UNPLACED, _N.dropped.is_(None))
_ANY = select(_N.id).where(*_IS_UNPLACED).limit(1)
_OPEN_ONE = select(_S.id).where(_S.person_id == _N.person_id, _S.posted_at.is_(None))
_PLACE = (
    update(NOTIFICATIONS)
    .where(*_IS_UNPLACED)
    .values(summary_id=_OPEN_ONE.correlate(NOTIFICATIONS).scalar_subquery())
)


def fill_summaries(session: Session) -> int:
    """Places what this transaction marked, and says how much; a look at an index if nothing is."""
    connection = session.connection()
    if connection.execute(_ANY).first() is None:
        return 0
    connection.execute(_open_missing(connection.dialect.name))
    return connection.execute(_PLACE).rowcount


@cache
def _open_missing(dialect: str) -> Executable:
    """Opens a summary for whoever has none, and locks the others: none of them is posted before
    this transaction's items stand in it. In the order of people, so that two expansions never
    wait for each other."""
    people = select(_N.person_id).where(*_IS_UNPLACED).order_by(_N.person_id)
    new = inserting(dialect, SUMMARIES).from_select(["person_id"], people)
    return new.on_conflict_do_update(
        index_elements=[_S.person_id],
        index_where=_S.posted_at.is_(None),
        set_={"person_id": new.excluded.person_id},
    )
