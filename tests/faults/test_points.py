"""A worker killed at each named point: nothing is lost, and no copy is unexplained."""

from __future__ import annotations

import ast
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from sysmail.outbox import State, points
from sysmail.people import Person
from sysmail.preferences import Choice
from tests.support.battlefield import Battlefield, battlefield
from tests.support.invariants import assert_kept, assert_settled
from tests.support.summaries import fall_due, wants_summaries

# How often the worker may pass before it dies: at once, and in the midst of its work.
ON_A_SUMMARY_S_WAY = {"mid_posting": 1, "after_posting": 1, "after_fixing": 1}
CASES = [(point, ON_A_SUMMARY_S_WAY.get(point, 3)) for point in points.POINTS]
CASES += [("after_commit", 1), ("before_dot", 1)]
IN_THE_DOT_WINDOW = ("before_dot", "after_reply")
TEXTS = Choice("all", 3, "text", frequency="hourly")


def test_every_point_that_the_code_reaches_is_listed_and_killed_at() -> None:
    reached = [name for path in Path("sysmail").rglob("*.py") for name in _reached_in(path)]
    assert sorted(reached) == sorted(points.POINTS)
    assert {point for point, _times in CASES} == set(reached)


@pytest.mark.both_engines
@pytest.mark.parametrize(("point", "times"), CASES, ids=[f"{p}-{n}" for p, n in CASES])
def test_a_worker_killed_at_any_point_loses_and_repeats_nothing(
    tmp_path: Path, database: dict[str, str], point: str, times: int
) -> None:
    settings = {"DELIVERY_CONNECTIONS": "1", **database}
    with battlefield(tmp_path / "i", mails=24, **settings) as field:
        if point in ON_A_SUMMARY_S_WAY:
            _gather(field)
        assert field.worker(kill_at=f"{point}:{times}").await_end() == -signal.SIGKILL
        field.finish()
        both = assert_settled(field.session, field.server, kills=1, connections=1)
        assert field.count() == 24
        if point not in IN_THE_DOT_WINDOW:
            assert both.duplicates == 0


def _gather(field: Battlefield) -> None:
    """The news stands in a summary of each person, and these are due."""
    people = field.session.scalars(select(Person).where(Person.name.like("Person %"))).all()
    wants_summaries(field.session, *people, choice=TEXTS)
    assert field.worker(drain=True).await_end() == 0
    field.session.rollback()
    fall_due(field.session)


def _reached_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "points.reached":
            [name] = node.args
            assert isinstance(name, ast.Constant), f"{path}: a point's name must stand in the call"
            yield name.value


def test_a_worker_killed_between_the_slices_of_an_event_tells_everybody_once(
    tmp_path: Path,
) -> None:
    with battlefield(tmp_path / "i", mails=30) as field:
        assert field.worker(kill_at="mid_expansion").await_end() == -signal.SIGKILL
        field.finish()
        assert_settled(field.session, field.server)
        assert field.count() == len(field.server.ledger) == 30


def test_a_mail_that_kills_whoever_composes_it_fails_and_stops_nobody_else(
    tmp_path: Path,
) -> None:
    with battlefield(tmp_path / "i", mails=12) as field:
        for _ in range(3):
            worker = field.worker(poison="p5@example.com")
            assert worker.await_end() == -signal.SIGKILL
        assert field.worker(drain=True, poison="p5@example.com").await_end() == 0
        both = assert_kept(field.session, field.server)
        states = {delivery.address: delivery.state for delivery, _ in both.told}
        assert states.pop("p5@example.com") == State.FAILED
        assert set(states.values()) == {State.SENT}
