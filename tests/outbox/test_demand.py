"""How many connections go to one server: as many as make it faster, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sysmail.account import External
from sysmail.outbox.demand import Demand
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


def taken(gap: float, mails: int = 100) -> tuple[Demand, float]:
    """So many mails taken one after another, and when the last one was."""
    demand = Demand()
    demand.begins(KEY, 0.0)
    for number in range(1, mails + 1):
        demand.moves(KEY, number * gap)
    return demand, mails * gap


def test_the_first_connection_is_always_wanted() -> None:
    demand, now = taken(gap=0.0001)
    assert not demand.is_met(KEY, 0, 0, now)


@pytest.mark.parametrize(("gap", "enough"), [(0.0002, True), (0.001, False), (0.1, False)])
def test_a_further_connection_is_wanted_where_each_mail_waits_for_the_server(
    gap: float, enough: bool
) -> None:
    demand, now = taken(gap)
    assert demand.is_met(KEY, 1, 1, now) is enough


@pytest.mark.parametrize(("gap", "enough"), [(0.0002, True), (0.0004, False)])
def test_one_of_two_connections_rests_where_the_other_is_as_fast_alone(
    gap: float, enough: bool
) -> None:
    demand, now = taken(gap)
    assert demand.is_met(KEY, 2, 1, now) is enough


def test_a_connection_that_is_held_up_gets_company_however_fast_it_was() -> None:
    demand, now = taken(gap=0.0001)
    assert demand.is_met(KEY, 1, 1, now + 0.01)
    assert not demand.is_met(KEY, 1, 1, now + 0.03)


def test_what_was_fast_and_is_slow_now_is_noticed_within_a_few_mails() -> None:
    demand, now = taken(gap=0.0001)
    for _ in range(5):
        now += 0.01
        demand.moves(KEY, now)
    assert not demand.is_met(KEY, 1, 1, now)


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


def test_a_server_that_hangs_on_one_mail_holds_up_none_of_those_behind_it(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("dot", Silence(), when=lambda it: "<0@" in it)
    with courier(tmp_path, size=2) as working:
        working.carry(jobs(External(endpoint_for(server)), 20))
        wait_for(lambda: (working.collect(0.01), working.in_flight <= 2)[1], seconds=5)
