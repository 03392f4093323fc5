"""How much a run measures: the figures of PERFORMANCE, or small ones to try the bench itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """`messages` are sent in each round, `deep` wait in the long queue, `shallow` in the short."""

    rounds: int = 3
    messages: int = 5_000
    deep: int = 1_000_000
    shallow: int = 1_000
    crowd: int = 100_000
    seconds: float = 4.0
    all_rivals: bool = False


SMALL = Scale(rounds=1, messages=1_000, deep=20_000, shallow=500, crowd=10_000, seconds=2.0)
