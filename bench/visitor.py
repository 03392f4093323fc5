"""A web server as `make run` starts it, and somebody who opens its pages now and then."""

from __future__ import annotations

import http.client
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from statistics import median

from bench.house import House
from bench.process import started, wait_until
from sysmail.db import db
from sysmail.people import Person
from tests.support.ports import free_port
from tests.support.signin import sign_in

_GUNICORN = ("--worker-class", "gthread", "--threads", "4", "--no-control-socket")


class Visitor:
    """`cookie` is that of a session; without one the visitor is nobody. Each page is asked for
    over a connection of its own: between two clicks of a person the server has closed the last.
    """

    def __init__(self, port: int, cookie: str = "") -> None:
        self._port = port
        self._headers = {"Cookie": cookie} if cookie else {}

    def open(self, path: str) -> str:
        """The page's text. Raises RuntimeError for any answer but 200."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as line:
            line.request("GET", path, headers=self._headers)
            answer = line.getresponse()
            text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {text[:200]}")
        return text

    def seconds(self, path: str) -> float:
        """How long the page takes from the asking to its last byte."""
        began = time.perf_counter()
        self.open(path)
        return time.perf_counter() - began


def medians(visits: Mapping[str, tuple[Visitor, str]], times: int) -> dict[str, float]:
    """Seconds by the visits' names: the medians of so many of each, asked for by turns."""
    taken: dict[str, list[float]] = {name: [] for name in visits}
    for _ in range(times):
        for name, (visitor, path) in visits.items():
            taken[name].append(visitor.seconds(path))
    return {name: median(seconds) for name, seconds in taken.items()}


@contextmanager
def web(environ: Mapping[str, str], application: str, cookie: str = "") -> Iterator[Visitor]:
    """One server for as long as the block lasts."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *_GUNICORN]
    with started([*command, "--log-level", "warning", application], None, environ):
        wait_until(lambda: _answers(port), f"{application} to answer", 30)
        yield Visitor(port, cookie)


def cookie_of(home: House, person_id: int = 1) -> str:
    """What makes a visitor that person, signed in just now."""
    client = home.app.test_client()
    with home.app.app_context():
        sign_in(client, db.session.get_one(Person, person_id))
    cookie = client.get_cookie("sysmail") or client.get_cookie("__Host-sysmail")
    assert cookie, "the session has a cookie"
    return f"{cookie.key}={cookie.value}"


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except OSError:
        return False
