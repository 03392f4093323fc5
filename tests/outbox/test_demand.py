"""How many connections go to one server: as many as make it faster, and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sysmail import clock
from sysmail.account import External
from sysmail.outbox.courier import Job, Result
from sysmail.outbox.demand import Demand
from sysmail.outbox.handover import Jobs
from tests.support.couriers import courier, ends, jobs, settled
from tests.support.processes import wait_for
from tests.support.smtp_client import endpoint_for
from tests.support.smtp_script import Delay, Silence
from tests.support.smtp_streams import pipelining
from tests.support.smtpd import ScriptedSmtp

KEY = (1, "")


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with pipelining() as server:
        yield server


def taken(*gaps: float) -> Demand:
    """A hundred mails taken one after another at each of these gaps."""
    demand, now = Demand(), 0.0
    demand.begins(KEY, now)
    for gap in gaps:
        for _ in range(100):
            now += gap
            demand.moves(KEY, now)
    return demand


def test_the_first_connection_is_always_wanted() -> None:
    assert not taken(0.0001).is_met(KEY, 0, 0)


@pytest.mark.parametrize(
    ("gaps", "enough"), [((0.0002,), True), ((0.001,), False), ((0.0002, 0.01), False)]
)
def test_a_further_connection_is_wanted_where_each_mail_waits_for_the_server(
    gaps: tuple[float, ...], enough: bool
) -> None:
    assert taken(*gaps).is_met(KEY, 1, 1) is enough


@pytest.mark.parametrize(("gap", "enough"), [(0.0002, True), (0.0004, False)])
def test_one_of_two_connections_rests_where_the_other_is_as_fast_alone(
    gap: float, enough: bool
) -> None:
    assert taken(gap).is_met(KEY, 2, 1) is enough


def test_mails_one_at_a_time_share_the_connection_that_is_kept(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    way = External(endpoint_for(server))
    with courier(tmp_path, size=4) as working:
        for number in range(8):
            working.carry(jobs(way, 1, first=number))
            assert ends(settled(working)) == ["accepted"]
    assert server.connections == 1


def test_what_waits_for_a_slow_server_soon_has_all_connections(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("dot", Delay(0.05))
    with courier(tmp_path, size=4) as working:
        working.carry(jobs(External(endpoint_for(server)), 40))
        assert ends(settled(working)) == ["accepted"] * 40
    assert server.connections == 4


def test_a_server_that_hangs_on_one_mail_holds_up_only_the_one_announced_behind_it(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("dot", Silence(), when=lambda it: "<0@" in it)
    came: list[Result] = []
    with courier(tmp_path, size=2) as working:
        working.carry(jobs(External(endpoint_for(server)), 20))
        wait_for(lambda: (came.extend(working.collect(0.01)), len(came) >= 18)[1], seconds=5)
    assert set(ends(came)) == {"accepted"}
    assert 0 not in {it.job.delivery_id for it in came}


def test_a_connection_that_hangs_gives_no_other_one_a_rest(
    server: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.monotonic()
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    waiting = Jobs(2, expire=lambda job: None)
    waiting.put(jobs(External(endpoint_for(server)), 200))
    begun, end = threading.Event(), threading.Event()

    def hang() -> None:
        waiting.take(None, 1)
        begun.set()
        end.wait(10)

    other = threading.Thread(target=hang)
    other.start()
    assert begun.wait(10)
    now += 0.03
    assert waiting.take(None, 1)
    assert all(waiting.more(KEY, carried) for carried in range(190))
    end.set()
    other.join()


def test_a_thread_that_may_begin_nothing_does_not_look_again_and_again(
    server: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Jobs(2, expire=lambda job: None)
    waiting.allow(1)
    waiting.put(jobs(External(endpoint_for(server)), 100))
    assert waiting.take(None, 1)
    asked: list[float] = []
    real = clock.monotonic
    monkeypatch.setattr(clock, "monotonic", lambda: (asked.append(0), real())[1])
    found: list[Job | None] = []
    other = threading.Thread(target=lambda: found.append(waiting.take(None, 0.4)))
    other.start()
    other.join()
    assert found == [None]
    assert len(asked) < 20
