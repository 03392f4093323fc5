"""Totals by day: what the picture shows, and what the ledger remembers of removed rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import BigInteger, Table, cast, extract, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sysmail import clock
from sysmail.db import Base, Id, inserting
from sysmail.outbox.delivery import Attempt

_SLICE = 20_000
_SETTLED = timedelta(seconds=10)
_EPOCH = date(1970, 1, 1)
_DAY_SECONDS = 86_400


class HistorySetting(Base):
    """One row (id 1). `kept_days`: how long what has ended is kept; `counted_to`: the last
    attempt that stands in the totals."""

    __tablename__ = "history_setting"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_days: Mapped[int] = mapped_column(default=90)
    counted_to: Mapped[int] = mapped_column(Id, default=0)


class HistoryDay(Base):
    """One day (UTC). `accepted` and `troubled` count the tries made on it. The others count
    what ended on it and is removed: deliveries by their state, and their uncertain tries."""

    __tablename__ = "history_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    accepted: Mapped[int] = mapped_column(default=0)
    troubled: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    uncertain_tries: Mapped[int] = mapped_column(default=0)


Counts = Mapping[date, Mapping[str, int]]


def setting(session: Session) -> HistorySetting:
    """For reading; what holds until somebody changes it where there is no row yet."""
    return session.get(HistorySetting, 1) or HistorySetting(id=1, kept_days=90, counted_to=0)


def locked_setting(session: Session) -> HistorySetting:
    """The row, made where it is missing, kept from other writers until the transaction ends."""
    row = session.get(HistorySetting, 1, populate_existing=True, with_for_update=True)
    if row is None:
        row = HistorySetting(id=1, kept_days=90, counted_to=0)
        session.add(row)
        session.flush()
    return row


def count_tries(session: Session) -> bool:
    """Adds tries that are not in the totals yet, a slice of them; whether there are more.

    Those of the last seconds wait: on PostgreSQL a lower id may still be uncommitted.
    """
    known = setting(session).counted_to
    upto = _end_of_slice(session, known)
    if upto is None:
        return False
    row = locked_setting(session)
    if row.counted_to != known:
        return True
    add(session, _tries(session, known, upto))
    row.counted_to = upto
    return upto - known >= _SLICE


def add(session: Session, counts: Counts) -> None:
    """Adds to the days' rows, which are made where they are missing."""
    table = HistoryDay.__table__
    assert isinstance(table, Table)
    nothing = dict.fromkeys((c.name for c in table.c if c.name != "day"), 0)
    dialect = session.get_bind().dialect.name
    for day in sorted(counts):
        more = {name: number for name, number in counts[day].items() if number}
        new = inserting(dialect, table).values(day=day, **{**nothing, **more})
        grown = {name: table.c[name] + new.excluded[name] for name in more}
        if grown:
            session.connection().execute(
                new.on_conflict_do_update(index_elements=[table.c.day], set_=grown)
            )


def last_days(session: Session, number: int) -> list[HistoryDay]:
    """So many days up to today, oldest first; one on which nothing happened has zeros."""
    today = day_of(clock.now())
    wanted = [today - timedelta(days=ago) for ago in range(number - 1, -1, -1)]
    rows = session.scalars(select(HistoryDay).where(HistoryDay.day >= wanted[0]))
    found = {row.day: row for row in rows}
    return [found.get(day) or HistoryDay(day=day, accepted=0, troubled=0) for day in wanted]


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def by_day(pairs: Iterable[tuple[date, str]]) -> dict[date, Counter[str]]:
    """Counts of names by day."""
    counts: dict[date, Counter[str]] = {}
    for day, name in pairs:
        counts.setdefault(day, Counter())[name] += 1
    return counts


def _end_of_slice(session: Session, known: int) -> int | None:
    """The last try of the next slice; what a wrong clock dates ahead is no reason to wait."""
    now = clock.now()
    slice_ = select(Attempt.id).where(Attempt.id > known).order_by(Attempt.id).limit(_SLICE)
    last: int | None = session.scalar(select(func.max(slice_.subquery().c.id)))
    if last is None:
        return None
    fresh = select(func.min(Attempt.id)).where(
        Attempt.id > known, Attempt.id <= last, Attempt.at.between(now - _SETTLED, now)
    )
    first_fresh = session.scalar(fresh)
    if first_fresh is None:
        return last
    earlier = select(func.max(Attempt.id)).where(Attempt.id > known, Attempt.id < first_fresh)
    before: int | None = session.scalar(earlier)
    return before


def _tries(session: Session, known: int, upto: int) -> Counts:
    seconds = cast(extract("epoch", Attempt.at), BigInteger)
    day = (seconds // _DAY_SECONDS).label("day")
    accepted = func.count().filter(Attempt.outcome == "sent").label("accepted")
    rows = session.execute(
        select(day, accepted, func.count().label("tries"))
        .where(Attempt.id > known, Attempt.id <= upto)
        .group_by(day)
    )
    return {
        _EPOCH + timedelta(days=int(row.day)): {
            "accepted": row.accepted,
            "troubled": row.tries - row.accepted,
        }
        for row in rows
    }
