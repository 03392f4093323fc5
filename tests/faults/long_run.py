"""The long fault run: python -m tests.faults.long_run [--kills N] [--mails N] [--database D].

Workers are killed at random moments and at random named points while mail flows, and so now
and then is the process that publishes. In the end the books of both sides are compared.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sysmail.config import load
from sysmail.outbox import Delivery, State
from tests.support.invariants import Books, books, broken
from tests.support.killer import PEOPLE, Run, under_fire
from tests.support.postgres import Postgres

LEASE_AND_SCAN = 35.0
_IN_DOUBT = "in doubt too often"
_QUARANTINED = "three workers in a row died with it in hand"
_DEADLY = 3
_TRIES = load({"SYSMAIL_INSTANCE": "."}).uncertain_tries
CONNECTIONS = 4
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Status 0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="tests.faults.long_run", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--database", choices=DATABASES, help="only this one")
    parser.add_argument("--minutes", type=float, default=15, help="the most for each database")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    wanted = parser.parse_args()
    chosen = (wanted.database,) if wanted.database else DATABASES
    print(f"seed {wanted.seed}", flush=True)
    return max(attack(database, wanted) for database in chosen)


def attack(database: str, wanted: argparse.Namespace) -> int:
    """Fires at one database and prints its ledger."""
    until = time.monotonic() + wanted.minutes * 60
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="sysmail-faults-") as folder,
        settings_for(database) as settings,
        under_fire(Path(folder) / "instance", wanted.seed, **settings) as run,
    ):
        fire(run, wanted.kills, wanted.mails, until)
        run.finish(seconds=300)
        wrong = broken(run.session, run.server.ledger)
        both = books(run.session, run.server.ledger)
        lines, holds = ledger(run, both, wrong)
        if not holds:
            print(run.log.read_text()[-4000:])
    print(f"{database}, {time.monotonic() - began:.0f} s")
    print("\n".join(f"  {line}" for line in [*wrong[:20], *lines]), flush=True)
    return 0 if holds else 1


def fire(run: Run, kills: int, mails: int, until: float) -> None:
    """There is always mail to go while workers are killed, and in the end enough of it."""
    while run.kills < kills and time.monotonic() < until:
        while run.needs_mail():
            run.publish()
        run.kill_one()
        if run.kills % 100 == 0:
            print(f"  {run.kills} kills, {run.mails} mails, {run.unsent()} to go", flush=True)
    while run.mails < mails:
        run.publish()


def ledger(run: Run, both: Books, wrong: list[str]) -> tuple[list[str], bool]:
    """The lines of the summary, and whether everything is as promised."""
    median, most, longest = run.times()
    unsent = Counter(_rest(delivery) for delivery, _ in both.told if delivery.state != State.SENT)
    lost = len(both.lost) + run.mails - len(both.told)
    outside = sum(
        len(both.of(delivery)) - 1
        for delivery, _ in both.told
        if len(both.of(delivery)) > 1 and delivery.id not in run.in_window
    )
    lines = [
        f"kills of workers {run.kills}, of publishers {run.kills_of_web}",
        f"events {run.events}, mails {len(both.told)} (people {PEOPLE})",
        f"not sent {unsent.total()} {dict(unsent)}",
        f"copies {both.copies}, uncertain attempts {both.doubts}, duplicates {both.duplicates}",
        f"lost {lost}",
        f"duplicates unexplained {len(both.unexplained)}",
        f"duplicates for kills outside the dot window {outside}",
        f"mail moved again after a kill: p50 {median:.2f} s, p99 {most:.2f} s, max {longest:.2f} s",
    ]
    failed = (
        wrong
        or set(unsent) - {_IN_DOUBT, _QUARANTINED}
        or lost
        or both.unexplained
        or outside
        or longest > LEASE_AND_SCAN
    )
    too_many_doubts = both.doubts > run.kills * CONNECTIONS
    return lines, not (failed or too_many_doubts)


def _rest(delivery: Delivery) -> str:
    """Where one stays that was not sent. What is in doubt once too often, or killed its workers for
    all one can know, waits in the failure history for an administrator."""
    if delivery.state == State.UNCERTAIN and delivery.uncertain_tries > _TRIES:
        return _IN_DOUBT
    if delivery.state == State.FAILED and delivery.deaths >= _DEADLY:
        return _QUARANTINED
    return f"{delivery.state} {delivery.cause}"


@contextmanager
def settings_for(database: str) -> Iterator[dict[str, str]]:
    """SYSMAIL_ settings that name the database."""
    if database == "sqlite":
        yield {}
        return
    with Postgres() as server, server.database() as url:
        yield {"DATABASE_URL": url}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except pytest.skip.Exception as lacking:
        sys.exit(str(lacking))
