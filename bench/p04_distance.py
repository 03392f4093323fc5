"""P4: a mail server ten milliseconds away, beside as many connections of smtplib."""

from __future__ import annotations

from collections.abc import Iterator

from bench.curve import Curve
from bench.far import far
from bench.others import raw_smtplib
from bench.row import Bar, Row, rate, ratios
from bench.scale import Scale
from bench.sink import sink
from bench.street import house

_CONNECTIONS = 4
_ROUND_TRIP = 10.0
_DISTANCES = (1.0, 3.0, 30.0, 100.0)
_SECONDS = 2.0


def rows(scale: Scale) -> Iterator[Row | Curve]:
    """The same number of connections on both sides; a curve for other round trips."""
    curve = Curve("distance")
    for distance in (_ROUND_TRIP, *_DISTANCES):
        rounds = scale.rounds if distance == _ROUND_TRIP else 1
        ours, theirs = _rates(distance, rounds, scale.seconds / _SECONDS)
        curve.add("Sysmail", distance, ours)
        curve.add("smtplib", distance, theirs)
        if distance == _ROUND_TRIP:
            what = f"{_CONNECTIONS} connections over 10 ms round trips vs smtplib's"
            notes = [rate("Sysmail", ours), rate("smtplib", theirs)]
            yield Row("P4", what, ratios(ours, theirs), Bar(3, 3.7), notes)
    yield curve


def _rates(distance: float, rounds: int, length: float) -> tuple[list[float], list[float]]:
    """Mails a second, ours and theirs, by turns; as many mails as a few seconds take."""
    messages = round(max(100, length * 4_000 / (1 + distance)))
    ours: list[float] = []
    theirs: list[float] = []
    with sink() as there, far(there.port, distance) as port:
        connections = str(_CONNECTIONS)
        with house(port, messages, DELIVERY_CONNECTIONS=connections) as home, home.worker():
            home.deliver()
            for _ in range(rounds):
                ours.append(messages / home.deliver())
                theirs.append(raw_smtplib(port, messages, _CONNECTIONS))
    return ours, theirs
