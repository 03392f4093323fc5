"""Faults of our own in a courier's thread: no mail is stranded, no words of them are logged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.account import External, health
from sysmail.outbox import State
from sysmail.people import Person
from sysmail.smtp import Deadlines, Kind, Phase, Trouble
from tests.support.couriers import courier, ends, jobs, settled
from tests.support.deliver import deliver
from tests.support.instance import make_app
from tests.support.invariants import assert_kept, assert_settled
from tests.support.post_office import add_news, add_people, deliveries, use_server
from tests.support.smtp_client import endpoint_for
from tests.support.smtp_script import Accept, Delay
from tests.support.smtp_streams import pipelining
from tests.support.smtpd import ScriptedSmtp

SECRET = "what the fault says of somebody's password"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "instance", DELIVERY_CONNECTIONS="1")


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with pipelining() as server:
        yield server


class Faulty(float):
    """A deadline that cannot be kept: to reckon with it raises what nobody expects."""

    def __radd__(self, _other: float) -> float:
        raise ArithmeticError(SECRET)


def faulty(phase: str) -> Deadlines:
    changed: dict[str, Any] = {phase: Faulty(1)}
    return replace(Deadlines.every(5), **changed)


@pytest.mark.parametrize("phase", ["connect", "greeting", "ehlo", "mail"])
def test_a_fault_before_the_dot_leaves_the_mail_in_the_queue(
    app: Flask, session: Session, alice: Person, server: ScriptedSmtp, phase: str
) -> None:
    add_people(session, 2)
    use_server(app, server)
    add_news(session, alice)
    server.script("mail", Delay(0.05))
    deliver(app, faulty(phase))
    found = deliveries(session)
    assert {(d.state, d.tries) for d in found} == {(State.QUEUED, 1)}
    assert health(session).state == "active"
    assert server.ledger == []
    for delivery in found:
        delivery.due_at = delivery.created_at
    session.commit()
    server.honest()
    deliver(app)
    assert assert_settled(session, server).copies == 2


@pytest.mark.parametrize("accepts", [True, False])
def test_a_fault_after_the_dot_leaves_the_mail_uncertain(
    app: Flask, session: Session, alice: Person, server: ScriptedSmtp, accepts: bool
) -> None:
    add_people(session, 1)
    use_server(app, server)
    add_news(session, alice)
    server.script("dot", Accept(Delay(0.1)) if accepts else Delay(0.1, "451 4.3.0 later"))
    deliver(app, faulty("dot"))
    [(delivery, doubts)] = assert_kept(session, server).told
    assert (delivery.state, delivery.cause, doubts) == (
        *(State.UNCERTAIN, "no_answer_after_data", 1),
    )


def test_the_thread_goes_on_and_says_where_but_not_what(
    server: ScriptedSmtp, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    left = [True]

    def is_fresh() -> bool:
        """The last question before a dot, which fails once."""
        if left and len(server.ledger) == 2:
            left.clear()
            raise ArithmeticError(SECRET)
        return True

    with (
        caplog.at_level(logging.DEBUG),
        courier(tmp_path, is_fresh=is_fresh) as working,
    ):
        working.carry(jobs(External(endpoint_for(server)), 8))
        results = settled(working)
        assert working.in_flight == 0
    lost = [it.outcome for it in results if isinstance(it.outcome, Trouble)]
    assert {(it.phase, it.kind) for it in lost} == {(Phase.LOCAL, Kind.LOST)}
    assert 1 <= len(lost) <= 2
    assert ends(results).count("accepted") == len(server.ledger) == 8 - len(lost)
    assert server.connections == 2
    [record] = [it for it in caplog.records if it.name == "sysmail.courier"]
    assert (
        "a fault in a courier's thread, which goes on: ArithmeticError at is_fresh:"
        in record.getMessage()
    )
    assert SECRET not in caplog.text
