"""Times are relative where near and exact on hover."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sysmail.web import times

NOW = datetime(2025, 5, 3, 8, 2, 33, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _berlin() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-30), "in a moment"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "60 minutes ago"),
        (timedelta(minutes=-5), "in 5 minutes"),
        (timedelta(hours=2), "today 08:02"),
        (timedelta(hours=-9), "today 19:02"),
        (timedelta(hours=11), "yesterday 23:02"),
        (timedelta(hours=-24), "tomorrow 10:02"),
        (timedelta(days=10), "23 Apr 10:02"),
        (timedelta(days=400), "29 Mar 2024"),
    ],
)
def test_a_time_reads_as_people_say_it(before: timedelta, words: str) -> None:
    assert times.relative(NOW - before, NOW) == words


def test_the_exact_time_names_its_zone() -> None:
    assert times.exact(NOW) == "3 May 2025, 10:02:33 UTC+02:00"
