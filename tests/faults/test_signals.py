"""Workers that are stopped, asked to end, or two at a time."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from sysmail.outbox import Attempt, State, Worker
from tests.support.battlefield import Battlefield, battlefield
from tests.support.invariants import assert_kept, assert_settled, broken
from tests.support.killpoints import WorkerProcess
from tests.support.post_office import use_server
from tests.support.processes import wait_for
from tests.support.smtp_script import Delay
from tests.support.smtpd import ScriptedSmtp


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def end(field: Battlefield) -> None:
    """Ends the workers that live, so that none of them still has something to say."""
    for worker in field.workers:
        if worker.is_alive:
            worker.signal(signal.SIGTERM)
            worker.await_end()


def put_to_sleep(field: Battlefield, point: str) -> WorkerProcess:
    """A worker stopped there. One that holds SQLite's write lock meanwhile stops everybody, so
    another is tried."""
    for _ in range(5):
        sleeper = field.worker(kill_at=point, stop_only=True, is_hasty=True)
        wait_for(lambda pid=sleeper.pid: state_of(pid) == "T")
        if not is_locked(field.folder / "sysmail.db"):
            return sleeper
        sleeper.kill()
    raise AssertionError("each of them fell asleep with the lock in its hands")


def is_locked(database: Path) -> bool:
    with closing(sqlite3.connect(database, isolation_level=None, timeout=2)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


@pytest.mark.parametrize("point", ["after_commit", "before_note", "before_dot", "after_reply"])
def test_one_that_slept_past_its_lease_sends_nothing_others_have_taken(
    tmp_path: Path, point: str
) -> None:
    with battlefield(tmp_path / "i", mails=16, DELIVERY_CONNECTIONS="1") as field:
        sleeper = put_to_sleep(field, point)
        asleep = len(field.workers)
        field.finish(is_hasty=True)
        sleeper.signal(signal.SIGCONT)
        listed = select(Worker.id).where(Worker.pid == sleeper.pid)
        wait_for(lambda: (field.session.rollback(), field.session.scalar(listed))[1])
        end(field)
        both = assert_settled(field.session, field.server, kills=asleep, connections=1)
        assert both.duplicates <= (asleep if point in ("before_dot", "after_reply") else 0)


def test_one_that_still_beats_is_left_alone_however_slow_its_server(tmp_path: Path) -> None:
    with battlefield(tmp_path / "i", mails=4) as field:
        field.server.script("dot", Delay(5), times=1)
        field.worker(is_hasty=True)
        field.await_count(1, State.SENDING)
        field.worker(is_hasty=True)
        field.await_count(4, State.SENT)
        end(field)
        assert assert_settled(field.session, field.server).copies == 4


@pytest.mark.both_engines
def test_pain_9_two_workers_send_each_mail_once(tmp_path: Path, database: dict[str, str]) -> None:
    with battlefield(tmp_path / "i", mails=80, **database) as field:
        both = [field.worker(drain=True), field.worker(drain=True)]
        assert [worker.await_end() for worker in both] == [0, 0]
        assert assert_settled(field.session, field.server).copies == 80


def test_sigterm_waits_for_a_slow_answer_and_leaves_the_rest_queued(tmp_path: Path) -> None:
    with battlefield(tmp_path / "i", mails=60) as field:
        field.server.script("dot", Delay(0.4))
        worker = field.worker()
        field.server.wait_for(6, 20)
        worker.signal(signal.SIGTERM)
        assert worker.await_end() == 0
        assert field.count(State.SENDING) == field.count(State.UNCERTAIN) == 0
        assert field.count(State.SENT) == len(field.server.ledger) < 60
        field.finish()
        assert assert_settled(field.session, field.server).copies == 60


def test_settings_changed_with_mail_in_flight_count_for_what_comes_next(tmp_path: Path) -> None:
    with battlefield(tmp_path / "i", mails=40) as field, ScriptedSmtp() as new:
        field.server.script("dot", Delay(0.05))
        field.worker()
        field.server.wait_for(4, 20)
        use_server(field.app, new)
        field.await_count(40, State.SENT)
        assert broken(field.session, [*field.server.ledger, *new.ledger]) == []
        assert len(field.server.ledger) + len(new.ledger) == 40
        assert new.ledger


@pytest.mark.both_engines
def test_a_dozen_random_kills_lose_and_repeat_nothing(
    tmp_path: Path, database: dict[str, str]
) -> None:
    dice = Random(7)
    with battlefield(tmp_path / "i", mails=200, **database) as field:
        field.server.script("rcpt", Delay(0.005))
        for kill in range(12):
            worker = field.worker()
            sent = len(field.server.ledger)
            wait_for(lambda sent=sent: len(field.server.ledger) > min(sent + 4, 180), 20)
            if kill % 2:
                wait_for(lambda: dice.random() < 0.3)
            worker.kill()
            if kill % 4 == 3:
                assert_kept(field.session, field.server, kills=kill + 1)
        field.finish()
        both = assert_settled(field.session, field.server, kills=12)
        assert both.duplicates <= both.doubts
        words = "the worker died before it could note the answer"
        noted = field.session.scalars(select(Attempt.words).where(Attempt.outcome == "uncertain"))
        assert set(noted) <= {words}
