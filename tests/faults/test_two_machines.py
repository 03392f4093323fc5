"""Two machines on one PostgreSQL: both send, nothing goes twice, and one may die."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.outbox import Delivery, State
from sysmail.people import new_person
from sysmail.vault import new_key
from tests.support.instance import attach
from tests.support.invariants import assert_settled
from tests.support.post_office import add_news, add_people, use_server
from tests.support.postgres import Postgres
from tests.support.processes import Sysmail, running, wait_for
from tests.support.smtp_script import Delay
from tests.support.smtpd import ScriptedSmtp

pytestmark = pytest.mark.xdist_group("postgres")
MAILS = 500
HELD_AT_MOST = 256


@pytest.fixture
def machines(tmp_path: Path, postgres: Postgres) -> Iterator[tuple[Sysmail, Sysmail]]:
    """Two parents with instances of their own, started at once on a database never set up."""
    with ExitStack() as stack:
        settings = {
            "DATABASE_URL": stack.enter_context(postgres.blank()),
            "SECRET_KEY": "shared by both machines",
            "FERNET_KEYS": new_key(),
            "UNCERTAIN_WAIT": "1s",
        }
        starts = [
            running(tmp_path / name, HELO_NAME=f"{name}.test", **settings)
            for name in ("one", "two")
        ]
        with ThreadPoolExecutor() as pool:
            first, second = pool.map(stack.enter_context, starts)
        yield first, second


@pytest.fixture
def session(machines: tuple[Sysmail, Sysmail]) -> Iterator[Session]:
    with attach(machines[0].environ).app_context():
        yield db.session()


@pytest.fixture
def server(session: Session) -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp() as server:
        server.script("dot", Delay(0.02))
        use_server(current_app, server)
        yield server


def everyone_is_told(session: Session) -> None:
    add_people(session, MAILS)
    author = new_person("author@example.com", "Author")
    session.add(author)
    session.commit()
    add_news(session, author)


def await_sent(session: Session) -> None:
    def sent() -> bool:
        count = session.scalar(select(func.count()).where(Delivery.state == State.SENT))
        session.rollback()
        return count == MAILS

    wait_for(sent, 60, f"{MAILS} mails sent")


def senders(server: ScriptedSmtp) -> Counter[str]:
    return Counter(mail.helo for mail in server.ledger)


def worker_pid(machine: Sysmail) -> int:
    [pid] = [
        pid
        for pid in machine.descendants()
        if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]
    return pid


def test_two_machines_share_the_mail_and_send_none_of_it_twice(
    session: Session, server: ScriptedSmtp
) -> None:
    everyone_is_told(session)
    await_sent(session)
    assert len(server.ledger) == MAILS
    assert_settled(session, server)
    assert set(senders(server)) == {"one.test", "two.test"}
    assert min(senders(server).values()) > MAILS / 10


def test_a_machine_whose_worker_is_killed_loses_nothing(
    machines: tuple[Sysmail, Sysmail], session: Session, server: ScriptedSmtp
) -> None:
    everyone_is_told(session)
    wait_for(lambda: senders(server)["two.test"] > 20, what="mail from the second machine")
    os.kill(worker_pid(machines[1]), signal.SIGKILL)
    await_sent(session)
    # The other machine cannot read its journal: whatever it held may have been accepted.
    assert_settled(session, server, kills=1, connections=HELD_AT_MOST)
