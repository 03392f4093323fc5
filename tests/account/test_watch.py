"""The daily look: when it is due, what it remembers, and what becomes a warning."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from sysmail import clock
from sysmail.account import (
    WATCH_JOB,
    Incident,
    ask_for_look,
    begin_look,
    concerns,
    current,
    health,
    note_accepted,
    note_trouble,
    pinned,
    running_out,
    watched,
    watcher,
)
from sysmail.config import Config
from sysmail.db import db
from sysmail.jobs import Job
from sysmail.smtp import Certificate, Deadlines, Endpoint, shown
from sysmail.vault import Vault
from sysmail.worker import Worker
from tests.account.conftest import SECRET, Save
from tests.support.instance import make_app
from tests.support.smtp_tls import ca_file
from tests.support.smtpd import ScriptedSmtp

DAY = timedelta(days=1)


class Unread:
    def write(self, report: dict[str, Any]) -> None:
        raise AssertionError(f"nobody reads {report}")

    def cancelled(self) -> bool:
        return False


@pytest.fixture
def app(tmp_path: Any, database: dict[str, str]) -> Flask:
    return make_app(tmp_path / "instance", CA_FILE=ca_file(), **database)


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp(users={"portal": SECRET}, tls="starttls") as running:
        yield running


@pytest.fixture
def look(vault: Vault, config: Config) -> Any:
    handler = watcher(sessionmaker(db.engine), vault, config)
    return lambda: handler({}, Unread())


def at(server: ScriptedSmtp) -> dict[str, Any]:
    return {
        "smtp_host": server.host,
        "smtp_port": str(server.port),
        "account_name": "portal",
        "password": SECRET,
    }


def due(session: Session, later: timedelta = timedelta(0)) -> bool:
    begun = begin_look(session, clock.now() + later)
    session.commit()
    return begun


def test_the_first_look_comes_a_day_after_the_save_and_then_daily(
    session: Session, saving: Save
) -> None:
    saving(password=SECRET)
    assert not due(session)
    assert not due(session, DAY * 0.9)
    assert due(session, DAY * 1.1)
    assert not due(session, DAY * 1.2)
    assert due(session, DAY * 2.2)


def test_a_save_puts_the_look_off_and_forgets_what_was_seen(session: Session, saving: Save) -> None:
    saving(password=SECRET)
    assert due(session, DAY * 1.1)
    assert watched(session)
    saving(password="another one")
    assert watched(session) is None
    assert not due(session, DAY * 0.9)


def test_the_built_in_server_is_not_looked_at(session: Session, saving: Save) -> None:
    assert not due(session, DAY * 2)
    saving(mail_server="builtin")
    assert not due(session, DAY * 2)


def test_an_account_in_use_is_looked_at_for_its_certificate_alone(
    session: Session, saving: Save
) -> None:
    saving(password=SECRET)
    note_accepted(session, "smtp.example.com", clock.now() + DAY)
    assert due(session, DAY * 1.1)
    saving(encryption="plain", smtp_port="25", use_smtp_auth=False)
    note_accepted(session, "smtp.example.com", clock.now() + DAY)
    assert not due(session, DAY * 1.1)
    assert due(session, DAY * 2.1)


def test_a_paused_account_is_left_to_its_probes(
    session: Session, saving: Save, config: Config
) -> None:
    saving(password=SECRET)
    trouble = Incident("config", "account", "login_rejected", "auth")
    note_trouble(session, config, trouble, clock.now())
    assert not due(session, DAY * 2)


def test_a_time_far_ahead_is_a_wrong_clock_and_counts_as_past(
    session: Session, saving: Save
) -> None:
    saving(password=SECRET)
    assert due(session, DAY * 400)
    assert due(session, DAY * 1.1)


def test_one_of_two_workers_asks_for_the_look(session: Session, vault: Vault, saving: Save) -> None:
    saving(password=SECRET)
    for _ in range(2):
        ask_for_look(session, vault, clock.now() + DAY * 1.1)
        session.commit()
    assert [job.kind for job in session.scalars(select(Job))] == [WATCH_JOB]


def test_a_look_logs_in_sends_nothing_and_remembers_the_certificate(
    session: Session, saving: Save, server: ScriptedSmtp, look: Any
) -> None:
    saving(**at(server))
    assert due(session, DAY * 1.1)
    look()
    seen = watched(session)
    assert seen
    assert seen.certificate_ends_at
    assert (seen.cause, server.ledger) == (None, [])
    assert concerns(session, clock.now()) == []
    assert server.logins == 1


def test_a_certificate_pinned_by_its_fingerprint_is_known_after_the_first_look(
    session: Session, saving: Save, look: Any
) -> None:
    with ScriptedSmtp(tls="starttls", certificate="ending") as server:
        leaf = certificate_of(server)
        saving(
            **at(server) | {"use_smtp_auth": False, "password": ""},
            trust_fingerprint=leaf.fingerprint,
        )
        assert pinned(current(session)) is None
        assert due(session, DAY * 1.1)
        look()
    session.expire_all()
    assert pinned(current(session)) == leaf
    [told] = running_out(current(session), clock.now())
    assert (told.what, told.at) == ("trust_pinned", leaf.expires_at)
    assert concerns(session, clock.now()) == []


def certificate_of(server: ScriptedSmtp) -> Certificate:
    [leaf, *_] = shown(ip_address("127.0.0.1"), Endpoint(server.host, server.port), Deadlines())
    return leaf


def test_a_certificate_that_ends_soon_is_a_warning(
    session: Session, saving: Save, look: Any
) -> None:
    with ScriptedSmtp(tls="starttls", certificate="ending") as server:
        saving(**at(server) | {"use_smtp_auth": False, "password": ""})
        assert due(session, DAY * 1.1)
        look()
    [concern] = concerns(session, clock.now())
    assert concern.kind == "certificate"
    assert timedelta(days=4) < concern.at - clock.now() < timedelta(days=6)


def test_a_login_that_no_longer_works_is_a_warning_and_pauses_nothing(
    session: Session, saving: Save, server: ScriptedSmtp, look: Any
) -> None:
    saving(**at(server) | {"password": "out of date"})
    assert due(session, DAY * 1.1)
    look()
    [concern] = concerns(session, clock.now())
    assert (concern.kind, concern.cause) == ("login", "login_rejected")
    assert concern.words.startswith("535 ")
    assert "out of date" not in concern.words
    assert health(session).state == "active"
    assert not due(session, timedelta(hours=2))


def test_trouble_that_passes_is_looked_at_again_within_the_hour(
    session: Session, saving: Save, look: Any
) -> None:
    with ScriptedSmtp() as server:
        gone = at(server)
    saving(**gone | {"password": SECRET})
    assert due(session, DAY * 1.1)
    look()
    assert [concern.cause for concern in concerns(session, clock.now())] == ["connection_refused"]
    assert due(session, timedelta(hours=2))


def test_a_mail_accepted_since_ends_the_warning(
    session: Session, saving: Save, server: ScriptedSmtp, look: Any
) -> None:
    saving(**at(server) | {"password": "out of date"})
    assert due(session, DAY * 1.1)
    look()
    note_accepted(session, server.host, clock.now() + timedelta(seconds=1))
    assert concerns(session, clock.now()) == []


def test_a_look_at_settings_replaced_meanwhile_is_forgotten(
    session: Session, saving: Save, server: ScriptedSmtp, look: Any
) -> None:
    saving(**at(server) | {"password": "out of date"})
    assert due(session, DAY * 1.1)
    saving(**at(server))
    look()
    assert watched(session) is None
    assert concerns(session, clock.now()) == []


def test_an_idle_accounts_worker_looks_by_itself(
    app: Flask, session: Session, saving: Save, server: ScriptedSmtp
) -> None:
    saving(**at(server))
    current(session).changed_at = clock.now() - DAY * 2
    session.commit()
    worker = Worker(app)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        server.wait_until("logins", 1, 20)
    finally:
        worker.stop()
        thread.join(20)
    assert server.ledger == []
    assert health(session).state == "active"


def test_a_worker_that_only_drains_does_not_look(
    app: Flask, session: Session, saving: Save, server: ScriptedSmtp
) -> None:
    saving(**at(server))
    current(session).changed_at = clock.now() - DAY * 2
    session.commit()
    Worker(app, drain=True).run()
    assert server.connections == 0
