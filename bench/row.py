"""A row of the report: one ratio, how it spread, and what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Bar:
    """What must hold (`bar`) and what is aimed at (`goal`), in `unit`; `least`: more is better."""

    bar: float
    goal: float | None = None
    unit: str = "×"
    least: bool = True

    def holds(self, value: float) -> bool:
        return value >= self.bar if self.least else value <= self.bar

    def reaches_goal(self, value: float) -> bool:
        if self.goal is None:
            return False
        return value >= self.goal if self.least else value <= self.goal

    def asked(self) -> str:
        sign = "≥" if self.least else "≤"
        goal = "" if self.goal is None else f", goal {sign} {figure(self.goal)}{self.unit}"
        return f"bar {sign} {figure(self.bar)}{self.unit}{goal}"


@dataclass(frozen=True)
class Row:
    """One figure of each round. `name` is PERFORMANCE's (P1), `notes` the floors behind it."""

    name: str
    what: str
    values: list[float]
    asked: Bar
    notes: list[str] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return median(self.values)

    def verdict(self) -> str:
        if self.asked.reaches_goal(self.middle):
            return "goal"
        return "holds" if self.asked.holds(self.middle) else "MISSED"

    @property
    def is_missed(self) -> bool:
        return not self.asked.holds(self.middle)

    def lines(self) -> Iterator[str]:
        spread = [min(self.values), self.middle, max(self.values)]
        shown = " / ".join(figure(value) for value in spread)
        yield (
            f"{self.name:4} {self.verdict():7} {self.what}: {shown} {self.asked.unit}"
            f" (min / median / max of {len(self.values)}; {self.asked.asked()})"
        )
        for note in self.notes:
            yield f"{'':13}{note}"


@dataclass(frozen=True)
class Unmeasured:
    """A row without a figure, and why."""

    name: str
    why: str
    is_missed: bool

    def lines(self) -> Iterator[str]:
        yield f"{self.name:4} {self.why}"


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """One for each round, both of the same round."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def figure(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:.1f}"


def rate(label: str, rates: list[float]) -> str:
    """`sysmail 5,210/s (4,980 to 5,400)`."""
    return f"{label} {median(rates):,.0f}/s ({min(rates):,.0f} to {max(rates):,.0f})"
