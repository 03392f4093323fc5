"""Processes that die, and what is left of the mail they had in hand."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.outbox import Attempt, Delivery, State
from sysmail.people import Person, new_person
from tests.support.instance import attach
from tests.support.post_office import add_news, add_people, assert_balanced, deliveries, use_server
from tests.support.processes import Sysmail, running, wait_for
from tests.support.smtp_script import Delay, Silence
from tests.support.smtpd import ScriptedSmtp


def worker_pid(sysmail: Sysmail) -> int:
    for pid in sysmail.descendants():
        if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            return pid
    raise AssertionError("no worker is running")


def author(session: Session) -> Person:
    person = new_person("author@example.com", "Author")
    session.add(person)
    session.commit()
    return person


def count(session: Session, state: State) -> int:
    session.expire_all()
    found = session.scalar(select(func.count()).where(Delivery.state == state))
    session.rollback()
    return found or 0


def test_a_worker_killed_while_the_server_thinks_leaves_no_unexplained_copy(
    tmp_path: Path,
) -> None:
    with ScriptedSmtp() as server, running(tmp_path / "i", UNCERTAIN_WAIT="1s") as sysmail:
        app = attach(sysmail.environ)
        with app.app_context():
            session = db.session()
            add_people(session, 1)
            server.script("dot", Silence())
            use_server(app, server)
            add_news(session, author(session))
            wait_for(lambda: "." in server.commands or "DATA" in server.commands)
            wait_for(lambda: count(session, State.SENDING))
            os.kill(worker_pid(sysmail), signal.SIGKILL)
            server.honest("dot")
            wait_for(lambda: count(session, State.SENT), 30)
            doubts = session.scalar(select(func.count()).where(Attempt.outcome == "uncertain"))
            assert doubts == 1
            assert len(server.ledger) - 1 <= doubts
            assert_balanced(session)


def test_pain_8_killing_everything_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    with ScriptedSmtp() as server, running(tmp_path / "i", UNCERTAIN_WAIT="1s") as sysmail:
        app = attach(sysmail.environ)
        with app.app_context():
            session = db.session()
            add_people(session, 60)
            server.script("rcpt", Delay(0.02))
            use_server(app, server)
            add_news(session, author(session))
            server.wait_for(5)
            for pid in sysmail.descendants():
                os.kill(pid, signal.SIGKILL)
            again = Sysmail(
                sysmail.folder, int(sysmail.url.rpartition(":")[2]), UNCERTAIN_WAIT="1s"
            )
            wait_for(lambda: count(session, State.SENT) == 60, 40)
            again.end()
            doubts = session.scalar(select(func.count()).where(Attempt.outcome == "uncertain"))
            assert len(server.ledger) - 60 <= (doubts or 0)
            assert {r for mail in server.ledger for r in mail.rcpt_to} == {
                d.address for d in deliveries(session)
            }
            assert_balanced(session)


def test_sigterm_lets_a_slow_answer_come_home(tmp_path: Path) -> None:
    with ScriptedSmtp() as server, running(tmp_path / "i") as sysmail:
        app = attach(sysmail.environ)
        with app.app_context():
            session = db.session()
            add_people(session, 1)
            server.script("dot", Delay(1.5))
            use_server(app, server)
            add_news(session, author(session))
            wait_for(lambda: "DATA" in server.commands)
            assert sysmail.end(signal.SIGTERM) == 0
            assert [d.state for d in deliveries(session)] == [State.SENT]
            assert len(server.ledger) == 1
