"""P10: what writers and a busy sender cost each other on SQLite."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from statistics import mean

from bench.depth import PEOPLE, fill
from bench.house import House
from bench.process import ROOT, wait_until
from bench.row import Bar, Row, rate, ratios
from bench.scale import Scale
from bench.sink import sink
from bench.street import house

_FASTEST = 8_000
_WARM = 1_000


def rows(scale: Scale) -> Iterator[Row]:
    """By turns a few seconds with somebody writing and a few without; the queue never ends. What
    the sender loses is told by the seconds before and after, since a machine's speed drifts."""
    slow: list[float] = []
    slowest: list[float] = []
    alone: list[float] = []
    beside: list[float] = []
    with sink() as there, house(there.port, PEOPLE) as home:
        fill(home, round(_FASTEST * scale.seconds * (2 * scale.rounds + 1)))
        with _writer(home) as writer, home.worker():
            wait_until(lambda: home.sent() > _WARM, "a busy sender")
            for _ in range(scale.rounds):
                with _counting(home, alone):
                    time.sleep(scale.seconds)
                with _counting(home, beside):
                    _write(writer, scale.seconds, slow, slowest)
            with _counting(home, alone):
                time.sleep(scale.seconds)
            assert home.waiting(), "the queue ended before the measurement"
    around = [mean(pair) for pair in pairwise(alone)]
    lost = [(1 - ratio) * 100 for ratio in ratios(beside, around)]
    yield Row("P10", "a web write beside a busy sender, p99", slow, Bar(10, 4, " ms", least=False))
    yield Row("P10", "the slowest of them", slowest, Bar(100, None, " ms", least=False))
    notes = [rate("alone", alone), rate("beside 50 writes a second", beside)]
    yield Row("P10", "the sender loses", lost, Bar(10, None, " %", least=False), notes)


@contextmanager
def _counting(home: House, rates: list[float]) -> Iterator[None]:
    """Adds how many mails a second were sent during the block."""
    sent, began = home.sent(), time.monotonic()
    yield
    rates.append((home.sent() - sent) / (time.monotonic() - began))


@contextmanager
def _writer(home: House) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.writer"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=home.environ, cwd=ROOT, stdin=pipe, stdout=pipe, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        yield process
        process.stdin.close()


def _write(
    writer: subprocess.Popen[str], seconds: float, slow: list[float], slowest: list[float]
) -> None:
    assert writer.stdin
    assert writer.stdout
    writer.stdin.write(f"{seconds}\n")
    writer.stdin.flush()
    p99, longest = json.loads(writer.stdout.readline())
    slow.append(p99)
    slowest.append(longest)
