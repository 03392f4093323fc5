"""P5: what a comment costs the person who posts it, told to 1,000 people or to 10."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from flask.testing import FlaskClient

from bench.house import House
from bench.row import Bar, Row
from bench.scale import Scale
from bench.street import house
from sysmail.db import db
from sysmail.people import Person
from tests.support.signin import sign_in

_REQUESTS = 150
_ANY_PORT = 25


def rows(scale: Scale) -> Iterator[Row]:
    """The whole request, form to redirect, in this process and with no worker: by turns in a
    portal of 1,000 people and in one of 10."""
    growth = []
    with house(_ANY_PORT, 1_000) as large, house(_ANY_PORT, 10) as small:
        posts = [_Poster(large), _Poster(small)]
        for _ in range(scale.rounds):
            times: list[list[float]] = [[], []]
            for _ in range(_REQUESTS):
                for poster, seconds in zip(posts, times, strict=True):
                    seconds.append(poster.post())
            growth.append((median(times[0]) - median(times[1])) * 1000)
    notes = [f"a request takes {median(times[1]) * 1000:.1f} ms where 10 people are told"]
    what = "a comment told to 1,000 people instead of 10, the request grows by"
    yield Row("P5", what, growth, Bar(2, 0, " ms", least=False), notes)


class _Poster:
    def __init__(self, home: House) -> None:
        home.app.config["WTF_CSRF_ENABLED"] = False
        self._client: FlaskClient = home.app.test_client()
        with home.app.app_context():
            sign_in(self._client, db.session.get_one(Person, 1))
        self.post()

    def post(self) -> float:
        began = time.perf_counter()
        answer = self._client.post("/apps/1/records/1/comments", data={"text": "Any news of it?"})
        seconds = time.perf_counter() - began
        assert answer.status_code == 303, answer.text
        return seconds
