"""docs/throughput.svg: mails a second against the length of the queue, and against the distance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bench.curve import Curve, Points
from bench.process import ROOT

PATH = ROOT / "docs" / "throughput.svg"
_PANEL, _HEIGHT = 440, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 56, 52
_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #1c2430; }
.title { font-weight: 600; font-size: 15px; }
.soft { fill: #566176; }
.grid { stroke: #dde2ea; }
.first { stroke: #2257c5; fill: #2257c5; }
.second { stroke: #b4532a; fill: #b4532a; }
polyline { fill: none !important; stroke-width: 2.5; }
.name { stroke: none; font-weight: 600; }
@media (prefers-color-scheme: dark) {
  text { fill: #eceff5; } .soft { fill: #a9b3c4; } .grid { stroke: #323a48; }
  .first { stroke: #8fb0ff; fill: #8fb0ff; } .second { stroke: #f0a27c; fill: #f0a27c; }
}"""


@dataclass(frozen=True)
class Panel:
    """One diagram, both axes logarithmic. `left` is where it begins, in pixels."""

    left: int
    title: str
    below: str
    curve: Curve

    def draw(self) -> Iterator[str]:
        yield _text(self.left + _LEFT, 24, self.title, "title")
        yield _text(self.left + _LEFT, 42, "mails a second", "soft")
        middle = self.left + (_LEFT + _PANEL - _RIGHT) / 2
        yield _text(middle, _HEIGHT - 8, self.below, "soft", "middle")
        yield from self._grid()
        for (who, points), style in zip(
            self.curve.points.items(), ("first", "second"), strict=False
        ):
            yield from self._line(who, points, style)

    def _grid(self) -> Iterator[str]:
        for rate in _decades(self._rates()):
            y = self._y(rate)
            right = self.left + _PANEL - _RIGHT
            yield f'<path class="grid" d="M{self.left + _LEFT} {y:.1f}H{right}"/>'
            yield _text(self.left + _LEFT - 8, y + 4, f"{rate:,.0f}", "soft", "end")
        for x in self._xs():
            yield _text(self._x(x), _HEIGHT - _BOTTOM + 20, f"{x:,.0f}", "soft", "middle")

    def _line(self, who: str, points: Points, style: str) -> Iterator[str]:
        """The figures of the first stand above it, those of the second below."""
        figures, name = (-9, -27) if style == "first" else (19, 36)
        places = [(self._x(x), self._y(rate)) for x, rate in points]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline class="{style}" points="{joined}"/>'
        for (x, y), (_, rate) in zip(places, points, strict=True):
            yield f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
            yield _text(x, y + figures, f"{rate:,.0f}", "", "middle")
        x, y = places[0]
        yield _text(x - 16, y + name, who, f"name {style}")

    def _xs(self) -> list[float]:
        return sorted({x for points in self.curve.points.values() for x, _ in points})

    def _rates(self) -> list[float]:
        return [rate for points in self.curve.points.values() for _, rate in points]

    def _x(self, x: float) -> float:
        first, last = self._xs()[0], self._xs()[-1]
        share = math.log(x / first) / math.log(last / first)
        return self.left + _LEFT + 24 + share * (_PANEL - _LEFT - _RIGHT - 48)

    def _y(self, rate: float) -> float:
        decades = _decades(self._rates())
        share = math.log(rate / decades[0]) / math.log(decades[-1] / decades[0])
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)


def draw(curves: Mapping[str, Curve], path: Path = PATH) -> None:
    """Writes the picture. `curves` has "queue" and "distance"."""
    panels = [
        Panel(0, "By the length of the queue", "mails waiting", curves["queue"]),
        Panel(_PANEL, "By the distance of the mail server", "round trip, ms", curves["distance"]),
    ]
    lines = [line for panel in panels for line in panel.draw()]
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * _PANEL} {_HEIGHT}" '
        f'role="img" aria-label="{escape(_told(curves))}">\n'
        f"<style>\n{_STYLE}\n</style>\n" + "\n".join(lines) + "\n</svg>\n",
        encoding="utf-8",
    )


def _told(curves: Mapping[str, Curve]) -> str:
    return ". ".join(line.strip() for curve in curves.values() for line in curve.lines())


def _decades(rates: list[float]) -> list[float]:
    """Powers of ten around the figures."""
    low, high = math.floor(math.log10(min(rates) / 2)), math.ceil(math.log10(max(rates) * 2))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def _text(x: float, y: float, words: str, style: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )
