"""Taking over from a dead worker: what its journal proves, and doubt where it proves nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail.outbox import Attempt, Claimant, Delivery, State, boot_id, claim, take_over
from sysmail.outbox.journal import Journal, read
from tests.outbox.test_claim import WANTED, posted

pytestmark = pytest.mark.both_engines

DEAD = f"{boot_id()[:36]}:12345:678"
WAIT = timedelta(minutes=15)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journals", DEAD)


def claimed(session: Session, count: int, worker_id: str = DEAD) -> list[tuple[int, str]]:
    posted(session, count)
    found = claim(session, Claimant(worker_id, 3), WANTED, count).deliveries
    session.commit()
    return [(row.id, row.claim_token) for row in found]


def states(session: Session) -> list[str]:
    return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_each_claim_ends_where_the_journal_says_it_came_to(
    session: Session, journal: Journal, tmp_path: Path
) -> None:
    untouched, dotted, accepted, refused = claimed(session, 4)
    for claim_ in (dotted, accepted, refused):
        journal.dot(*claim_, "ab" * 32)
    journal.reply(*accepted, 250)
    journal.reply(*refused, 451)
    assert take_over(session, DEAD, tmp_path / "journals", WAIT) == 4
    session.commit()
    assert states(session) == [State.QUEUED, State.UNCERTAIN, State.SENT, State.QUEUED]
    doubted = session.get_one(Delivery, dotted[0])
    assert (doubted.uncertain_tries, doubted.sha256) == (1, "ab" * 32)
    outcomes = session.scalars(select(Attempt.outcome).order_by(Attempt.delivery_id)).all()
    assert outcomes == ["uncertain", "sent"]
    assert untouched


@pytest.mark.parametrize("worker_id", [DEAD, "another-boot:1:2"])
def test_without_a_journal_that_counts_every_claim_is_uncertain(
    session: Session, tmp_path: Path, worker_id: str
) -> None:
    if worker_id != DEAD:
        Journal(tmp_path / "journals", worker_id)
    claimed(session, 2, worker_id)
    take_over(session, worker_id, tmp_path / "journals", WAIT)
    session.commit()
    assert states(session) == [State.UNCERTAIN] * 2


def test_a_line_of_an_earlier_claim_proves_nothing_about_this_one(
    session: Session, journal: Journal, tmp_path: Path
) -> None:
    [(delivery_id, _token)] = claimed(session, 1)
    journal.dot(delivery_id, "0" * 32, "ab" * 32)
    journal.reply(delivery_id, "0" * 32, 250)
    take_over(session, DEAD, tmp_path / "journals", WAIT)
    session.commit()
    assert states(session) == [State.QUEUED]


def test_what_kills_every_worker_before_the_dot_fails_in_the_end(
    session: Session, journal: Journal, tmp_path: Path
) -> None:
    claimed(session, 1)
    for _ in range(2):
        take_over(session, DEAD, tmp_path / "journals", WAIT)
        session.commit()
        assert states(session) == [State.QUEUED]
        assert len(claim(session, Claimant(DEAD, 3), WANTED, 5).deliveries) == 1
        session.commit()
    take_over(session, DEAD, tmp_path / "journals", WAIT)
    session.commit()
    delivery = session.scalars(select(Delivery)).one()
    assert (delivery.state, delivery.cause) == (State.FAILED, "cannot_compose")
    assert journal


def test_a_half_written_last_line_is_passed_over(journal: Journal, tmp_path: Path) -> None:
    journal.dot(1, "t", "ab" * 32)
    path = next((tmp_path / "journals").iterdir())
    with path.open("ab") as file:
        file.write(b"reply 1 t 2")
    found = read(tmp_path / "journals", DEAD)
    assert found is not None
    assert found[(1, "t")].code is None


def test_a_journal_grown_large_keeps_what_is_not_settled(journal: Journal, tmp_path: Path) -> None:
    path = next((tmp_path / "journals").iterdir())
    journal.dot(1, "held", "ab" * 32)
    journal.shorten(set)
    assert path.stat().st_size > 0
    for _ in range(12_000):
        journal.dot(2, "t" * 32, "ab" * 32)
    journal.shorten(lambda: {"held"})
    journal.reply(1, "held", 250)
    found = read(tmp_path / "journals", DEAD)
    assert found is not None
    assert {key: known.code for key, known in found.items()} == {(1, "held"): 250}
    assert path.stat().st_size < 1000
    assert list((tmp_path / "journals").iterdir()) == [path]
    journal.close()
    assert not path.exists()


def test_what_is_noted_while_a_journal_is_shortened_is_kept(
    journal: Journal, tmp_path: Path
) -> None:
    for _ in range(10_000):
        journal.dot(1, "t" * 32, "ab" * 32)
    noted = threading.Event()

    def note() -> None:
        for number in range(1000):
            journal.dot(number, "held", "ab" * 32)
            noted.set()

    writer = threading.Thread(target=note)
    writer.start()
    noted.wait(10)
    journal.shorten(lambda: {"held"})
    writer.join(10)
    found = read(tmp_path / "journals", DEAD)
    assert found is not None
    assert {number for number, _ in found} == set(range(1000))
