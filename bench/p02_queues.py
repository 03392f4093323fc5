"""P2: beside task queues, and beside Postfix as the queue. Only with RIVALS=all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from bench.brokers import celery, huey, postfix
from bench.others import raw_smtplib, rival, task
from bench.process import wait_until
from bench.row import Bar, Row, Unmeasured, rate, ratios
from bench.scale import Scale
from bench.sink import Missing, Sink, sink
from bench.street import house

Deliver = Callable[[int], float]
_CONNECTIONS = 4


def rows(scale: Scale) -> Iterator[Row | Unmeasured]:
    """From the first mail queued until the sink has the last; all workers run already."""
    if not scale.all_rivals:
        yield Unmeasured("P2", "skipped: with RIVALS=all only", is_missed=False)
        return
    for name, bar in (
        ("Celery and Redis", Bar(10, 20)),
        ("huey on SQLite", Bar(6, 10)),
        ("Postfix as the queue", Bar(5, 10)),
    ):
        try:
            yield _row(scale, name, bar)
        except Missing as missing:
            yield Unmeasured("P2", f"skipped: {missing}", is_missed=False)


def _row(scale: Scale, name: str, bar: Bar) -> Row:
    ours: list[float] = []
    theirs: list[float] = []
    with ExitStack() as stack:
        there = stack.enter_context(sink())
        home = stack.enter_context(house(there.port, scale.messages))
        deliver = _rival(stack, name, there)
        stack.enter_context(home.worker())
        home.deliver()
        deliver(100)
        for _ in range(scale.rounds):
            ours.append(scale.messages / home.deliver())
            theirs.append(scale.messages / deliver(scale.messages))
    return Row(
        "P2", f"vs {name}", ratios(ours, theirs), bar, [rate("Sysmail", ours), rate(name, theirs)]
    )


def _rival(stack: ExitStack, name: str, there: Sink) -> Deliver:
    """What delivers so many mails and tells how many seconds that took."""
    if name.startswith("Postfix"):
        port = stack.enter_context(postfix(there.port))
        return lambda messages: _through_postfix(there, port, messages)
    script, broker = ("celery_tasks.py", celery) if "Celery" in name else ("huey_tasks.py", huey)
    environ = stack.enter_context(broker())
    return lambda messages: _through_tasks(there, script, environ, messages)


def _through_tasks(there: Sink, script: str, environ: dict[str, str], messages: int) -> float:
    last = there.accepted() + messages
    began = rival(script, task(there.port, messages), environ)["began"]
    wait_until(lambda: there.accepted() >= last, script)
    return time.monotonic() - float(began)


def _through_postfix(there: Sink, port: int, messages: int) -> float:
    """Handed over by smtplib on kept connections, with ready bytes."""
    last = there.accepted() + messages
    began = time.monotonic()
    raw_smtplib(port, messages, _CONNECTIONS)
    wait_until(lambda: there.accepted() >= last, "Postfix")
    return time.monotonic() - began
