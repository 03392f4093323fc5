"""Direct delivery: the recipient's own servers, one after another."""

from collections.abc import Iterator

import pytest

from sysmail.smtp import (
    Accepted,
    DirectSession,
    Kind,
    Mode,
    Phase,
    Reply,
    Resolver,
    Trouble,
    judge,
)
from tests.support.dnsd import ScriptedDns
from tests.support.ports import closed_port
from tests.support.smtp_client import PATIENT, RECIPIENT, SENDER, send
from tests.support.smtpd import ScriptedSmtp


@pytest.fixture
def dns() -> Iterator[ScriptedDns]:
    with ScriptedDns() as dns:
        dns.add("example.test", "MX", "10 first.test.", "20 second.test.")
        yield dns


def refusal(phase: Phase, line: str) -> Trouble:
    return Trouble(phase, Kind.REPLY, Reply(int(line[:3]), None, (line[4:],)))


def session_to(dns: ScriptedDns, port: int, private: bool = True) -> DirectSession:
    resolver = Resolver(dns.nameserver)
    return DirectSession("example.test", port, "portal.example", resolver, private, PATIENT)


def test_mail_goes_to_the_first_host_in_the_clear(dns: ScriptedDns, server: ScriptedSmtp) -> None:
    dns.add("first.test", "A", "127.0.0.1")
    with session_to(dns, server.port) as session:
        assert session.open() is None
        outcome = send(session)
    assert isinstance(outcome, Accepted)
    assert (outcome.host, outcome.tls) == ("first.test", None)
    assert server.ledger[0].rcpt_to == (RECIPIENT,)
    assert ("second.test", "A") not in dns.queries


@pytest.mark.parametrize("first", ["127.0.0.2", None])
def test_the_next_host_takes_over_from_one_that_cannot_be_reached(
    dns: ScriptedDns, server: ScriptedSmtp, first: str | None
) -> None:
    if first:
        dns.add("first.test", "A", first)
    dns.add("second.test", "A", "127.0.0.1")
    with session_to(dns, server.port) as session:
        assert session.open() is None
        assert session.endpoint.host == "second.test"
    assert server.connections == 1


@pytest.mark.parametrize("greeting", ["421 4.3.2 busy", "554 5.7.1 go away"])
def test_the_next_host_takes_over_from_one_that_turns_us_away(
    dns: ScriptedDns, server: ScriptedSmtp, greeting: str
) -> None:
    server.script("greeting", greeting, times=1)
    for host in ("first.test", "second.test"):
        dns.add(host, "A", "127.0.0.1")
    with session_to(dns, server.port) as session:
        assert session.open() is None
        assert isinstance(session.send(SENDER, RECIPIENT, b"Subject: x\r\n"), Accepted)
    assert server.connections == 2


def test_hosts_that_all_refuse_wait_for_the_domain(dns: ScriptedDns) -> None:
    for host in ("first.test", "second.test"):
        dns.add(host, "A", "127.0.0.1")
    trouble = session_to(dns, closed_port()).open()
    assert trouble is not None
    verdict = judge(trouble, Mode.DIRECT)
    assert (verdict.klass, verdict.scope, verdict.cause) == (
        *("transient", "domain", "connection_refused"),
    )


@pytest.mark.parametrize("target", ["127.0.0.1", "10.0.0.1", "::1", "169.254.169.254"])
def test_private_targets_are_refused_unless_the_operator_allows(
    dns: ScriptedDns, server: ScriptedSmtp, target: str
) -> None:
    for host in ("first.test", "second.test"):
        dns.add(host, "AAAA" if ":" in target else "A", target)
    trouble = session_to(dns, server.port, private=False).open()
    assert trouble is not None
    assert (trouble.phase, trouble.kind) == (Phase.RESOLVE, Kind.DOMAIN_UNROUTABLE)
    assert server.connections == 0


def test_hosts_without_any_address_leave_the_domain_unknown(dns: ScriptedDns) -> None:
    trouble = session_to(dns, 25).open()
    assert trouble is not None
    assert judge(trouble, Mode.DIRECT).cause == "domain_unknown"


def test_hosts_whose_dns_fails_may_come_back(dns: ScriptedDns) -> None:
    dns.fail("second.test")
    trouble = session_to(dns, 25).open()
    assert trouble is not None
    assert judge(trouble, Mode.DIRECT).cause == "dns_unavailable"


def test_a_domain_that_takes_no_mail_says_so(dns: ScriptedDns) -> None:
    dns.add("none.test", "MX", "0 .")
    resolver = Resolver(dns.nameserver)
    trouble = DirectSession("none.test", 25, "portal.example", resolver, True, PATIENT).open()
    assert trouble is not None
    assert judge(trouble, Mode.DIRECT).cause == "domain_takes_no_mail"


def test_of_several_troubles_the_one_told_comes_with_its_own_host(dns: ScriptedDns) -> None:
    dns.add("first.test", "A", "127.0.0.1")
    session = session_to(dns, closed_port())
    trouble = session.open()
    assert trouble is not None
    assert (trouble.kind, session.endpoint.host) == (Kind.REFUSED, "first.test")


@pytest.mark.parametrize(
    ("trouble", "everywhere"),
    [
        (Trouble(Phase.CONNECT, Kind.TIMEOUT), "port_25_blocked"),
        (Trouble(Phase.CONNECT, Kind.REFUSED), None),
        (Trouble(Phase.GREETING, Kind.TIMEOUT), None),
        (refusal(Phase.GREETING, "554 go away"), "server_refuses_us"),
        (refusal(Phase.GREETING, "421 busy"), None),
        (refusal(Phase.MAIL, "530 log in"), "login_required"),
        (refusal(Phase.RCPT, "550 no such user"), None),
        (refusal(Phase.RCPT, "554 relay access denied"), "relay_denied"),
        (Trouble(Phase.RESOLVE, Kind.DNS_FAILED), None),
        (Trouble(Phase.LOCAL, Kind.PASSWORD_NEEDED), None),
    ],
    ids=str,
)
def test_only_a_cause_of_the_account_counts_for_more_where_all_say_it(
    trouble: Trouble, everywhere: str | None
) -> None:
    verdict = judge(trouble, Mode.DIRECT)
    assert verdict.scope != "account"
    wide = verdict.everywhere
    assert (wide and (wide.klass, wide.scope, wide.cause)) == (
        everywhere and ("config", "account", everywhere)
    )
    assert judge(trouble, Mode.EXTERNAL).everywhere is None
