"""Points for the picture: throughput against something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Curve:
    """`about` is what is on the x axis, queue or distance; `points` hold (x, mails a second) for
    each who was measured."""

    about: str
    points: dict[str, Points] = field(default_factory=dict)

    is_missed = False

    def add(self, who: str, x: float, rates: list[float]) -> None:
        known = self.points.setdefault(who, [])
        known.append((x, median(rates)))
        known.sort()

    def lines(self) -> Iterator[str]:
        for who, points in self.points.items():
            told = ", ".join(f"{x:,.0f}: {rate:,.0f}/s" for x, rate in points)
            yield f"{'':13}against {self.about}, {who}: {told}"
