"""How many connections a courier uses: fewer when told so, and never all for one domain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sysmail.account import Direct, External
from tests.support.couriers import courier, ends, job, jobs, settled
from tests.support.domains import mail_domains
from tests.support.processes import wait_for
from tests.support.smtp_client import endpoint_for
from tests.support.smtp_script import Delay, Silence
from tests.support.smtp_streams import pipelining
from tests.support.smtpd import ScriptedSmtp


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with pipelining() as server:
        server.script("dot", Delay(0.01))
        yield server


@pytest.mark.parametrize(("allowed", "used"), [(4, 4), (2, 2), (1, 1), (0, 1), (9, 4)])
def test_as_many_connections_are_used_as_are_allowed(
    server: ScriptedSmtp, tmp_path: Path, allowed: int, used: int
) -> None:
    with courier(tmp_path, size=4) as working:
        working.allow(allowed)
        working.carry(jobs(External(endpoint_for(server)), 40))
        assert ends(settled(working)) == ["accepted"] * 40
    assert server.connections == used


def test_connections_beyond_a_new_limit_are_closed_in_an_orderly_way_and_made_again_later(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    way = External(endpoint_for(server))
    with courier(tmp_path, size=4) as working:
        working.carry(jobs(way, 20))
        settled(working)
        working.allow(1)
        wait_for(lambda: server.commands.count("QUIT") == 3)
        working.carry(jobs(way, 20, first=20))
        assert ends(settled(working)) == ["accepted"] * 20
        assert server.connections == 4
        working.allow(4)
        working.carry(jobs(way, 40, first=40))
        assert ends(settled(working)) == ["accepted"] * 40
        assert server.connections == 7
    assert len(server.ledger) == 80


def test_a_limit_in_the_middle_of_the_work_loses_nothing(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    with courier(tmp_path, size=4) as working:
        working.carry(jobs(External(endpoint_for(server)), 120))
        for allowed in (3, 1, 2, 4):
            server.wait_for(len(server.ledger) + 10)
            working.allow(allowed)
        assert ends(settled(working)) == ["accepted"] * 120
    assert len(server.ledger) == 120


@pytest.mark.parametrize(("size", "share"), [(1, 1), (2, 1), (4, 2), (8, 4)])
def test_one_domain_gets_half_of_the_connections(tmp_path: Path, size: int, share: int) -> None:
    with mail_domains("slow.test", "quick.test") as (dns, servers):
        slow, quick = servers["slow.test"], servers["quick.test"]
        slow.script("rcpt", Silence())
        way = Direct(slow.port, True, dns.nameserver, "portal.example")
        with courier(tmp_path, size=size) as working:
            working.carry([job(way, n, "slow.test") for n in range(20)])
            slow.wait_until("connections", share)
            working.carry([job(way, n, "quick.test") for n in range(20, 30)])
            if size > 1:
                quick.wait_for(10)
                wait_for(lambda: (working.collect(0.01), working.moving == 0)[1])
            assert slow.connections == share


def test_a_domain_takes_up_the_connections_another_has_done_with(tmp_path: Path) -> None:
    with mail_domains("one.test", "two.test") as (dns, servers):
        way = Direct(servers["one.test"].port, True, dns.nameserver, "portal.example")
        both = [job(way, n, ("one.test", "two.test")[n % 2]) for n in range(40)]
        with courier(tmp_path, size=2) as working:
            for batch in (both[:20], both[20:]):
                working.carry(batch)
                assert ends(settled(working)) == ["accepted"] * 20
        assert [len(server.ledger) for server in servers.values()] == [20, 20]


def test_domains_that_share_one_connection_take_turns(tmp_path: Path) -> None:
    with mail_domains("long.test", "short.test") as (dns, servers):
        long, short = servers["long.test"], servers["short.test"]
        long.script("dot", Delay(0.03))
        way = Direct(long.port, True, dns.nameserver, "portal.example")
        with courier(tmp_path, size=1) as working:
            working.carry([job(way, n, "long.test") for n in range(50)])
            working.carry([job(way, n, "short.test") for n in range(50, 60)])
            short.wait_for(10)
            assert 0 < len(long.ledger) < 50
            assert ends(settled(working)) == ["accepted"] * 60
