"""P7 and P11: what a long queue costs the sender, in CPU and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from bench.curve import Curve
from bench.depth import PEOPLE, Cost, Cpu, cost_of_long, cost_of_short, fill
from bench.house import House
from bench.process import cpu_seconds, family_seconds, peak_mebibytes
from bench.row import Bar, Row, figure, ratios
from bench.scale import Scale
from bench.sink import sink
from bench.street import house, postgres, server_pid


def rows(scale: Scale) -> Iterator[Row | Curve]:
    """CPU of the worker from its first claims on, the database's too where that is a server."""
    yield from _on_sqlite(scale)
    yield from _on_postgresql(scale)


def _on_sqlite(scale: Scale) -> Iterator[Row | Curve]:
    bar = Bar(15, 10, " %", least=False)
    with sink() as there, ExitStack() as stack:
        short = stack.enter_context(house(there.port, scale.shallow))
        long = stack.enter_context(house(there.port, PEOPLE))
        fill(long, scale.deep)
        costs, peaks = _costs(scale, long, short, cpu_seconds)
        yield _cpu_row("SQLite", scale, costs, bar)
        yield from _memory_rows(scale, there.port, peaks)
        yield _curve(scale, there.port, costs)


def _on_postgresql(scale: Scale) -> Iterator[Row]:
    bar = Bar(25, 10, " %", least=False)
    with sink() as there, ExitStack() as stack:
        server = stack.enter_context(postgres())
        urls = [stack.enter_context(server.database()) for _ in range(2)]
        short = stack.enter_context(house(there.port, scale.shallow, DATABASE_URL=urls[0]))
        long = stack.enter_context(house(there.port, PEOPLE, DATABASE_URL=urls[1]))
        fill(long, scale.deep)
        master = server_pid(server)
        costs, _ = _costs(scale, long, short, lambda pid: cpu_seconds(pid) + family_seconds(master))
        yield _cpu_row("PostgreSQL", scale, costs, bar)


def _costs(
    scale: Scale, long: House, short: House, cpu: Cpu
) -> tuple[dict[str, list[Cost]], list[float]]:
    """Both by turns, and the peak memory of each of the long queue's workers."""
    costs: dict[str, list[Cost]] = {"long": [], "short": []}
    peaks = []
    with short.worker() as [idle]:
        cost_of_short(short, idle.pid, scale.shallow, cpu)
        for _ in range(scale.rounds):
            with long.worker() as [busy]:
                costs["long"].append(cost_of_long(long, busy.pid, scale.messages, cpu))
                peaks.append(peak_mebibytes(busy.pid))
            costs["short"].append(cost_of_short(short, idle.pid, scale.messages, cpu))
    return costs, peaks


def _cpu_row(engine: str, scale: Scale, costs: dict[str, list[Cost]], bar: Bar) -> Row:
    long, short = ([cost.cpu for cost in costs[which]] for which in ("long", "short"))
    more = [(ratio - 1) * 100 for ratio in ratios(long, short)]
    what = f"CPU a mail, {scale.deep:,} queued instead of {scale.shallow:,} ({engine}), more by"
    return Row("P7", what, more, bar, [f"{median(long):.0f} µs instead of {median(short):.0f} µs"])


def _memory_rows(scale: Scale, port: int, long: list[float]) -> Iterator[Row]:
    short = []
    for _ in range(scale.rounds):
        with house(port, scale.messages) as home, home.worker() as [process]:
            home.deliver()
            short.append(peak_mebibytes(process.pid))
    more = [(ratio - 1) * 100 for ratio in ratios(long, short)]
    notes = [f"{figure(median(long))} MiB instead of {figure(median(short))} MiB"]
    what = f"{scale.deep:,} queued"
    yield Row("P11", f"peak memory of the sender, {what}", long, Bar(90, 64, " MiB", least=False))
    instead = f"{what} instead of {scale.messages:,}, more by"
    yield Row("P11", f"peak memory, {instead}", more, Bar(10, None, " %", least=False), notes)


def _curve(scale: Scale, port: int, costs: dict[str, list[Cost]]) -> Curve:
    curve = Curve("queue")
    curve.add("Sysmail", scale.shallow, [cost.rate for cost in costs["short"]])
    curve.add("Sysmail", scale.deep, [cost.rate for cost in costs["long"]])
    length = scale.shallow * 10
    while length < scale.deep:
        with house(port, PEOPLE) as home:
            fill(home, length)
            with home.worker() as [process]:
                few = min(scale.messages, length // 2)
                curve.add(
                    "Sysmail", length, [cost_of_long(home, process.pid, few, cpu_seconds).rate]
                )
        length *= 10
    return curve
