"""The staged check itself: what it tells, how long it takes, and what it never says."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from sysmail import clock
from sysmail import config as configuration
from sysmail.account import Direct, Settings
from sysmail.config import Config
from sysmail.diagnosis import Checked, Errand, Limits, examine
from sysmail.diagnosis.errand import dialled
from sysmail.smtp import Envelope
from tests.support import smtp_tls
from tests.support.dnsd import ScriptedDns
from tests.support.smtp_client import PATIENT, RECIPIENT, SENDER, endpoint_for, opened
from tests.support.smtp_script import Delay, Drip, Silence
from tests.support.smtpd import ScriptedSmtp

USERS = {"portal@example.com": "open sesame"}
QUICK = Limits(phase=0.4, total=2, silence=0.1)
ENVELOPE = Envelope(SENDER, RECIPIENT)


class Told:
    """Every report, in order; cancelled from the outside."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.is_cancelled = threading.Event()

    def write(self, report: dict[str, Any]) -> None:
        self.reports.append(report)

    def cancelled(self) -> bool:
        return self.is_cancelled.is_set()


def _config(folder: Path, **settings: str) -> Config:
    environ = {f"SYSMAIL_{name}": value for name, value in settings.items()}
    return configuration.load({"SYSMAIL_INSTANCE": str(folder), **environ})


def _check(
    server: ScriptedSmtp, folder: Path, told: Told | None = None, limits: Limits = QUICK, **how: Any
) -> Checked:
    errand = Errand(Settings(), endpoint_for(server, **how), ENVELOPE)
    return examine(errand, _config(folder), told or Told(), limits)


def _direct(folder: Path, dns: ScriptedDns, domain: str, port: int, private: bool) -> Checked:
    envelope = Envelope(SENDER, f"bob@{domain}")
    endpoint = dialled(Direct(port, private, dns.nameserver, "portal.example"), envelope)
    config = _config(folder, RESOLVER=dns.nameserver)
    return examine(Errand(Settings(), endpoint, envelope), config, Told(), QUICK)


def outcomes(found: Checked) -> dict[str, str]:
    return {taken.step: taken.outcome for taken in found.steps}


def test_a_good_server_is_asked_everything_but_given_no_message(tmp_path: Path) -> None:
    with ScriptedSmtp(users=USERS, tls="starttls") as server:
        found = _check(server, tmp_path)
        verbs = [line.split()[0] for line in server.commands]
    assert verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"]
    assert found.state == "ok"
    assert set(outcomes(found).values()) == {"ok"}
    assert server.ledger == []


def test_the_steps_stand_in_the_order_they_happened(tmp_path: Path) -> None:
    with ScriptedSmtp(tls="ssl") as server:
        implicit = list(outcomes(_check(server, tmp_path)))
    with ScriptedSmtp(tls="starttls") as server:
        explicit = list(outcomes(_check(server, tmp_path)))
    assert implicit[:5] == ["resolve", "connect", "tls", "greeting", "ehlo"]
    assert explicit[:5] == ["resolve", "connect", "greeting", "ehlo", "tls"]
    assert implicit[5:] == explicit[5:] == ["auth", "sender", "recipient"]


def test_the_report_grows_step_by_step(tmp_path: Path) -> None:
    told = Told()
    with ScriptedSmtp() as server:
        _check(server, tmp_path, told)
    running = [(report["running"], len(report["steps"])) for report in told.reports]
    assert running[:3] == [("resolve", 0), ("connect", 1), ("greeting", 2)]
    assert running[-1] == (None, 8)
    assert [report["state"] for report in told.reports[:-1]] == ["running"] * (len(running) - 1)


def test_both_families_are_tried_and_one_is_enough(tmp_path: Path) -> None:
    with ScriptedSmtp() as server:
        found = _check(server, tmp_path)
    assert {one.address: one.result for one in found.addresses} == {
        "127.0.0.1": "answered",
        "::1": "refused",
    }
    assert outcomes(found)["connect"] == "ok"


def test_the_certificate_is_told_even_where_a_session_could_be_resumed(tmp_path: Path) -> None:
    with ScriptedSmtp(tls="ssl", certificate="ending") as server:
        with opened(server, PATIENT):
            pass
        found = _check(server, tmp_path)
    assert "* TLSv1.3 begins" in found.transcript
    assert found.tls == "TLSv1.3"
    assert found.certificate is not None
    assert found.certificate.names == smtp_tls.NAMES
    assert "Testing CA" in found.certificate.issuer


def test_no_secret_is_in_what_is_told(tmp_path: Path) -> None:
    told = Told()
    with ScriptedSmtp(users=USERS, tls="starttls") as server:
        server.script("auth", "535 5.7.8 the password open sesame is wrong")
        _check(server, tmp_path, told)
    assert "open sesame" not in str(told.reports)
    assert "C: AUTH PLAIN ***" in told.reports[-1]["transcript"]


@pytest.mark.parametrize("phase", ["greeting", "ehlo", "auth", "mail", "rcpt"])
def test_a_phase_ends_after_its_time(tmp_path: Path, phase: str) -> None:
    began = clock.monotonic()
    with ScriptedSmtp(users=USERS) as server:
        server.script(phase, Silence())
        found = _check(server, tmp_path)
    assert found.state == "failed"
    assert clock.monotonic() - began < 1.5


def test_the_whole_ends_after_its_time_however_the_server_drips(tmp_path: Path) -> None:
    began = clock.monotonic()
    with ScriptedSmtp(users=USERS) as server:
        for phase, text in (("greeting", "220 hi"), ("ehlo", "250 AUTH PLAIN"), ("mail", "250 a")):
            server.script(phase, Drip(text, every=0.05))
        server.script("auth", Delay(0.5, "235 2.7.0 welcome"))
        found = _check(server, tmp_path, limits=Limits(phase=5, total=1, silence=0.1))
    assert found.state == "failed"
    assert clock.monotonic() - began < 2


def test_a_check_nobody_waits_for_ends_in_the_middle_of_a_phase(tmp_path: Path) -> None:
    told = Told()
    told.is_cancelled.set()
    began = clock.monotonic()
    with ScriptedSmtp() as server:
        server.script("mail", Silence())
        _check(server, tmp_path, told, Limits(phase=20, total=30))
    assert clock.monotonic() - began < 5


def test_private_addresses_can_be_forbidden(tmp_path: Path) -> None:
    with ScriptedSmtp() as server:
        found = _check(server, tmp_path, private=False)
        assert server.connections == 0
    assert found.cause == "host_not_allowed"


def test_capture_has_nothing_to_check(tmp_path: Path) -> None:
    found = examine(Errand(Settings(), None, ENVELOPE), _config(tmp_path), Told())
    assert found.state == "ok"
    assert set(outcomes(found).values()) == {"skipped"}
    assert len(found.steps) == 8


def test_direct_delivery_is_checked_with_the_recipients_mail_host(tmp_path: Path) -> None:
    with ScriptedDns() as dns, ScriptedSmtp() as server:
        dns.add("example.test", "MX", "10 dead.example.test.", "20 mx.example.test.")
        dns.add("dead.example.test", "A", "127.0.0.2")
        dns.add("mx.example.test", "A", "127.0.0.1")
        found = _direct(tmp_path, dns, "example.test", server.port, private=True)
        assert "RCPT TO:<bob@example.test>" in server.commands
    assert found.state == "ok"
    assert found.host == "mx.example.test"
    assert [(one.address, one.result) for one in found.addresses] == [
        ("127.0.0.2", "refused"),
        ("127.0.0.1", "answered"),
    ]
    assert outcomes(found)["tls"] == outcomes(found)["auth"] == "skipped"


@pytest.mark.parametrize(
    ("phase", "refusal"), [("greeting", "421 4.3.2 too busy"), ("ehlo", "554 5.7.1 go away")]
)
@pytest.mark.parametrize("is_helpful", [True, False])
def test_a_mail_host_that_turns_us_away_leads_to_the_next_one(
    tmp_path: Path, phase: str, refusal: str, is_helpful: bool
) -> None:
    with (
        ScriptedDns() as dns,
        ScriptedSmtp() as first,
        ScriptedSmtp(address="127.0.0.2", port=first.port) as second,
    ):
        first.script(phase, refusal)
        if not is_helpful:
            second.script("greeting", "554 5.7.1 nobody is welcome")
        dns.add("example.test", "MX", "10 one.example.test.", "20 two.example.test.")
        dns.add("one.example.test", "A", "127.0.0.1")
        dns.add("two.example.test", "A", "127.0.0.2")
        found = _direct(tmp_path, dns, "example.test", first.port, private=True)
        assert ("RCPT TO:<bob@example.test>" in second.commands) is is_helpful
    assert found.host == ("two.example.test" if is_helpful else "one.example.test")
    assert found.words == ("" if is_helpful else refusal[10:])
    assert [(one.address, one.result) for one in found.addresses] == [
        ("127.0.0.1", "answered"),
        ("127.0.0.2", "answered"),
    ]


@pytest.mark.parametrize(
    ("domain", "cause"),
    [
        ("nowhere.test", "domain_unknown"),
        ("silent.test", "domain_takes_no_mail"),
        ("inside.test", "domain_unroutable"),
        ("dangling.test", "domain_unknown"),
        ("broken.test", "dns_unavailable"),
    ],
)
def test_what_is_wrong_with_a_recipients_domain_is_named(
    tmp_path: Path, domain: str, cause: str
) -> None:
    with ScriptedDns() as dns:
        dns.add("silent.test", "MX", "0 .")
        dns.add("inside.test", "MX", "10 mx.inside.test.")
        dns.add("mx.inside.test", "A", "10.0.0.1")
        dns.add("dangling.test", "MX", "10 gone.dangling.test.")
        dns.fail("broken.test")
        found = _direct(tmp_path, dns, domain, 25, private=False)
    assert (found.cause, found.failure and found.failure.step) == (cause, "resolve")
