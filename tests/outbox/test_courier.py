"""The courier against real servers: full pipelines, kept connections, nothing lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sysmail import clock
from sysmail.account import Direct, External
from sysmail.outbox.courier import Result
from sysmail.outbox.journal import Known, read
from sysmail.smtp import Accepted, Encryption, Endpoint, Phase, Trouble
from tests.support.couriers import WORKER, courier, ends, job, jobs, settled
from tests.support.dnsd import ScriptedDns
from tests.support.forgetful import Forgetful
from tests.support.smtp_client import endpoint_for, short_at
from tests.support.smtp_script import Accept, Close, Delay, Silence
from tests.support.smtp_streams import pipelining
from tests.support.smtpd import ScriptedSmtp


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with pipelining() as server:
        yield server


def test_many_mails_share_few_connections_and_each_arrives_once(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    sent = jobs(External(endpoint_for(server)), 200)
    with courier(tmp_path, size=3) as working:
        working.carry(sent[:100])
        working.carry(sent[100:])
        results = settled(working)
        known = read(tmp_path, WORKER)
    assert [it.job for it in results] == sent
    assert ends(results) == ["accepted"] * 200
    assert sorted(it.rcpt_to[0] for it in server.ledger) == sorted(
        it.built.envelope_to for it in sent if it.built
    )
    assert 1 <= server.connections <= 3
    wanted = {(it.delivery_id, it.token): Known(it.built.sha256, 250) for it in sent if it.built}
    assert known == wanted


def test_the_journal_holds_the_dot_before_the_server_does(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("dot", Accept(Silence()), when=lambda it: "<1@" in it)
    with courier(tmp_path) as working:
        working.carry(jobs(External(endpoint_for(server)), 3))
        server.wait_for(2)
        known = read(tmp_path, WORKER) or {}
    assert {key[0]: it.code for key, it in known.items()} == {0: 250, 1: None}


def test_what_was_announced_on_a_lost_connection_goes_again_on_a_new_one(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("dot", Accept(Close()), when=lambda it: "<1@" in it, times=1)
    with courier(tmp_path) as working:
        working.carry(jobs(External(endpoint_for(server)), 4))
        results = settled(working)
    assert ends(results) == ["accepted", "lost", "accepted", "accepted"]
    lost = results[1].outcome
    assert isinstance(lost, Trouble)
    assert (lost.phase, lost.reply) == (Phase.DOT, None)
    assert "C: ." in results[1].transcript
    assert len(server.ledger) == 4
    assert server.connections == 2


def test_a_connection_kept_and_closed_meanwhile_costs_no_try(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    way = External(endpoint_for(server))
    with courier(tmp_path) as working:
        working.carry(jobs(way, 2))
        settled(working)
        server.drop_connections()
        working.carry(jobs(way, 2, first=2))
        assert ends(settled(working)) == ["accepted"] * 2
    assert len(server.ledger) == 4


def test_a_server_that_loses_what_came_behind_the_dot_is_spoken_to_in_turn(
    tmp_path: Path,
) -> None:
    with Forgetful() as forgetful, courier(tmp_path, deadlines=short_at("mail")) as working:
        endpoint = Endpoint("127.0.0.1", forgetful.port, Encryption.PLAIN)
        working.carry(jobs(External(endpoint), 6))
        assert ends(settled(working)) == ["accepted"] * 6
    assert forgetful.connections == 2
    assert forgetful.accepted == 6


def test_a_connection_without_mail_is_closed_after_a_while(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    way = External(endpoint_for(server))
    with courier(tmp_path, idle_seconds=0.05) as working:
        working.carry(jobs(way, 1))
        settled(working)
        until = clock.monotonic() + 5
        while server.commands[-1] != "QUIT":
            assert clock.monotonic() < until
        working.carry(jobs(way, 1, first=1))
        assert ends(settled(working)) == ["accepted"]
    assert server.connections == 2


def test_a_dead_password_costs_one_login_and_the_rest_goes_back(tmp_path: Path) -> None:
    with pipelining(users={"portal": "new"}) as server:
        server.options.users = {"portal": "changed"}
        endpoint = endpoint_for(server)
        server.options.users = {"portal": "really"}
        with courier(tmp_path) as working:
            working.carry(jobs(External(endpoint), 20))
            results = settled(working)
        assert server.login_attempts == 1
    assert ends(results) == ["reply"] + ["abandoned"] * 19


def test_a_server_that_limits_connections_gets_all_mail_over_those_it_allows(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("greeting", "421 4.7.0 too many connections")
    server.script("greeting", "220 hello", times=1)
    server.script("dot", Delay(0.02))
    way = External(endpoint_for(server))
    with courier(tmp_path, size=4) as working:
        working.carry(jobs(way, 1))
        settled(working)
        working.carry(jobs(way, 12, first=1))
        results = settled(working)
        assert set(ends(results)) <= {"accepted", "abandoned"}
        assert ends(results).count("accepted") >= 9
        tried = server.connections
        working.carry([it.job for it in results if isinstance(it.outcome, Trouble)])
        assert set(ends(settled(working))) <= {"accepted"}
    assert server.connections == tried <= 4
    assert len(server.ledger) == 13


def test_a_server_that_refuses_the_only_connection_is_in_trouble(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("greeting", "421 4.7.0 too many connections")
    with courier(tmp_path) as working:
        working.carry(jobs(External(endpoint_for(server)), 3))
        assert ends(settled(working)) == ["reply", "abandoned", "abandoned"]
    assert server.connections == 1


def test_a_refused_recipient_sends_nobody_elses_mail_back(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("rcpt", "550 5.1.1 no such user", when=lambda it: "p3@" in it)
    with courier(tmp_path) as working:
        working.carry(jobs(External(endpoint_for(server)), 8))
        results = settled(working)
    assert ends(results) == ["accepted"] * 3 + ["reply"] + ["accepted"] * 4
    assert server.connections == 1


def test_direct_mail_is_grouped_by_domain(server: ScriptedSmtp, tmp_path: Path) -> None:
    with ScriptedDns() as dns:
        for domain in ("one.test", "two.test"):
            dns.add(domain, "MX", f"10 mx.{domain}.")
            dns.add(f"mx.{domain}", "A", "127.0.0.1")
        way = Direct(server.port, True, dns.nameserver, "portal.example")
        mixed = [job(way, n, ("one.test", "two.test")[n % 2]) for n in range(20)]
        with courier(tmp_path) as working:
            working.carry(mixed)
            results = settled(working)
    assert ends(results) == ["accepted"] * 20
    assert [it.endpoint.host for it in results[:2]] == ["mx.one.test", "mx.two.test"]
    assert server.connections == 2


def test_a_domain_that_cannot_be_reached_holds_up_no_other(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    with ScriptedDns() as dns:
        for domain, address in (("down.test", "127.0.0.2"), ("up.test", "127.0.0.1")):
            dns.add(domain, "MX", f"10 mx.{domain}.")
            dns.add(f"mx.{domain}", "A", address)
        way = Direct(server.port, True, dns.nameserver, "portal.example")
        mixed = [job(way, n, ("down.test", "up.test")[n % 2]) for n in range(6)]
        with courier(tmp_path) as working:
            working.carry(mixed)
            results = settled(working)
    assert ends(results[1::2]) == ["accepted"] * 3
    assert ends(results[::2]) == ["refused", "abandoned", "abandoned"]


def test_no_dot_leaves_a_worker_whose_lease_is_over(server: ScriptedSmtp, tmp_path: Path) -> None:
    with courier(tmp_path, is_fresh=lambda: False) as working:
        working.carry(jobs(External(endpoint_for(server)), 3))
        results = settled(working)
    assert "accepted" not in ends(results)
    assert server.ledger == []


def test_at_the_end_nothing_is_begun_and_what_is_under_way_is_dropped(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("dot", Accept(Silence()))
    with courier(tmp_path) as working:
        working.carry(jobs(External(endpoint_for(server)), 5))
        server.wait_for(1)
        working.refuse_dots()
        results = settled(working)
    assert ends(results) == ["lost"] + ["abandoned"] * 4
    assert len(server.ledger) == 1


def test_what_waited_half_a_minute_for_a_connection_is_claimed_anew(
    server: ScriptedSmtp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script("dot", Delay(0.3), times=1)
    real = clock.monotonic
    with courier(tmp_path) as working:
        working.carry(jobs(External(endpoint_for(server)), 4))
        server.wait_until("connections", 1)
        until = clock.monotonic() + 5
        while "DATA" not in server.commands:
            assert clock.monotonic() < until
        monkeypatch.setattr(clock, "monotonic", lambda: real() + 31)
        results = settled(working)
    assert ends(results)[-1] == "abandoned"
    assert ends(results).count("accepted") == len(server.ledger) <= 2


def test_results_come_although_the_pipeline_stays_full(
    server: ScriptedSmtp, tmp_path: Path
) -> None:
    server.script("dot", Silence(), when=lambda it: "<1@" in it)
    with courier(tmp_path) as working:
        working.carry(jobs(External(endpoint_for(server)), 3))
        until = clock.monotonic() + 5
        results: list[Result] = []
        while not results:
            assert clock.monotonic() < until
            results = working.collect(0.01)
    assert isinstance(results[0].outcome, Accepted)
    assert working.in_flight == 2
