"""One try that hangs, or one statement that fails, keeps no other mail from going."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.db import db
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.smtp import Deadlines
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    deliveries,
    post_test,
    use_server,
)
from tests.support.processes import wait_for
from tests.support.smtp_script import Silence
from tests.support.smtpd import ScriptedSmtp
from tests.support.summaries import Sender

pytestmark = pytest.mark.both_engines
LONG = Deadlines.every(60)


def test_mail_taken_back_in_a_turn_that_fails_is_not_stranded(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 20)
    with ScriptedSmtp() as old, ScriptedSmtp() as new, Sender(app, LONG) as sender:
        old.script("rcpt", Silence(), when=lambda it: "<p1" in it and "<p1@" not in it)
        use_server(app, old)
        add_news(session, alice)
        sender.gather()
        wait_for(lambda: not turn(sender) and count(session, State.SENDING) == 10)
        use_server(app, new)
        with failing_once("UPDATE delivery") as failed:
            wait_for(lambda: turn(sender) or failed)
        wait_for(lambda: not turn(sender) and len(old.ledger) + len(new.ledger) == 20)
    assert {it.state for it in deliveries(session)} == {State.SENT}
    assert_balanced(session)


def test_a_commit_that_fails_while_an_answer_is_awaited_stops_nothing(
    app: Flask, session: Session, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_people(session, 6)
    with ScriptedSmtp() as server, Sender(app, LONG) as sender:
        server.script("dot", Silence(), when=lambda it: " p3@" in it)
        use_server(app, server)
        add_news(session, alice)
        sender.gather()
        wait_for(lambda: not turn(sender) and count(session, State.SENT) == 5)
        test = post_test(app)
        with monkeypatch.context() as patched:
            patched.setattr(db.engine.dialect, "do_commit", refuse_commit)
            assert not turn(sender)
        wait_for(lambda: not turn(sender) and len(server.ledger) == 6, 10)
        session.refresh(test)
        assert test.state == State.SENT
        assert count(session, State.SENDING) == 1
    assert_balanced(session)


def test_mail_announced_behind_an_old_servers_silence_goes_by_the_new_settings(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 30)
    with (
        ScriptedSmtp(extensions=["PIPELINING"]) as old,
        ScriptedSmtp() as new,
        Sender(app, LONG) as sender,
    ):
        old.script("dot", Silence(), when=lambda it: " p1" in it and " p1@" not in it)
        use_server(app, old)
        add_news(session, alice)
        sender.gather()
        wait_for(lambda: not turn(sender) and unanswered(old) == 4)
        assert count(session, State.SENDING) >= 8
        use_server(app, new)
        wait_for(lambda: not turn(sender) and len(old.ledger) + len(new.ledger) == 26, 10)
        assert count(session, State.SENDING) == 4
    assert_balanced(session)


def test_a_lost_lease_ends_what_has_no_dot_and_an_awaited_answer_keeps_nothing_back(
    app: Flask, session: Session, alice: Person
) -> None:
    add_people(session, 20)
    with ScriptedSmtp() as server, Sender(app, LONG) as sender:
        server.script("dot", Silence(), when=lambda it: " p9@" in it)
        server.script("rcpt", Silence(), when=lambda it: "<p1" in it and "<p1@" not in it)
        use_server(app, server)
        add_news(session, alice)
        sender.gather()
        wait_for(lambda: not turn(sender) and count(session, State.SENDING) == 11)
        server.honest()
        sender.lose_lease()
        wait_for(lambda: not turn(sender) and count(session, State.SENT) == 19)
        assert len(server.ledger) == 19
        assert deliveries(session)[9].state == State.SENDING
    assert_balanced(session)


def unanswered(server: ScriptedSmtp) -> int:
    return server.commands.count("DATA") - len(server.ledger)


def refuse_commit(_connection: object) -> None:
    raise OperationalError("COMMIT", {}, Exception("refused"))


def turn(sender: Sender) -> bool:
    """As the worker does it: a failing database stops the turn, not the worker."""
    try:
        return sender.turn()
    except OperationalError:
        db.session.rollback()
        return False


def count(session: Session, state: State) -> int:
    return sum(it.state == state for it in deliveries(session))


@contextmanager
def failing_once(begins: str) -> Iterator[list[str]]:
    """The next statement that begins so is refused; it is listed then."""
    failed: list[str] = []

    def refuse(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not failed and statement.startswith(begins):
            failed.append(statement)
            raise OperationalError(statement, {}, Exception("refused"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        yield failed
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize("phase", ["rcpt", "dot"])
def test_mail_that_a_worker_died_of_lets_others_pass_and_waits_long_for_no_answer(
    app: Flask, session: Session, alice: Person, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_people(session, 6)
    with ScriptedSmtp() as server, Sender(app, LONG) as sender:
        server.script(phase, Silence(), when=lambda it: "p3@" in it, times=1)
        use_server(app, server)
        add_news(session, alice)
        sender.gather()
        suspect = deliveries(session)[5]
        suspect.deaths = 1
        add_news(session, alice)
        sender.gather()
        wait_for(lambda: not turn(sender) and len(server.ledger) == 10)
        session.refresh(suspect)
        assert suspect.state == State.QUEUED
        real = clock.monotonic
        monkeypatch.setattr(clock, "monotonic", lambda: real() + 11)
        went = 11 if phase == "dot" else 10
        wait_for(lambda: not turn(sender) and len(server.ledger) == went)
        assert count(session, State.SENDING) == 1
    assert_balanced(session)
