"""A worker killed at each named point: nothing is lost, and no copy is unexplained."""

from __future__ import annotations

import ast
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sysmail.outbox import State, points
from tests.faults.test_summaries import SENDING
from tests.support.battlefield import battlefield
from tests.support.invariants import assert_kept, assert_settled

# Only a summary comes by these: test_summaries.py kills there.
ON_A_SUMMARY_S_WAY = ("mid_posting", "after_posting", "after_fixing")
# How often the worker may pass before it dies: at once, and in the midst of its work.
CASES = [(point, 3) for point in points.POINTS if point not in ON_A_SUMMARY_S_WAY]
CASES += [("after_commit", 1), ("before_dot", 1)]
IN_THE_DOT_WINDOW = ("before_dot", "after_reply")


def test_every_point_that_the_code_reaches_is_listed_and_killed_at() -> None:
    reached = [name for path in Path("sysmail").rglob("*.py") for name in _reached_in(path)]
    assert sorted(reached) == sorted(points.POINTS)
    assert {point for point, _times in CASES} == set(reached) - set(ON_A_SUMMARY_S_WAY)
    assert set(ON_A_SUMMARY_S_WAY) <= {point.partition(":")[0] for point in SENDING}


@pytest.mark.both_engines
@pytest.mark.parametrize(("point", "times"), CASES, ids=[f"{p}-{n}" for p, n in CASES])
def test_a_worker_killed_at_any_point_loses_and_repeats_nothing(
    tmp_path: Path, database: dict[str, str], point: str, times: int
) -> None:
    settings = {"DELIVERY_CONNECTIONS": "1", **database}
    with battlefield(tmp_path / "i", mails=24, **settings) as field:
        assert field.worker(kill_at=f"{point}:{times}").await_end() == -signal.SIGKILL
        field.finish()
        both = assert_settled(field.session, field.server, kills=1, connections=1)
        assert field.count() == 24
        if point not in IN_THE_DOT_WINDOW:
            assert both.duplicates == 0


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
