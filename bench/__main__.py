"""Runs the rows asked for, all of them unless some are named: python -m bench [P1 P3 ...]."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

from bench.curve import Curve
from bench.picture import draw
from bench.row import Row, Unmeasured
from bench.scale import SMALL, Scale
from bench.sink import Missing

ROWS = {
    "P1": "p01_django",
    "P2": "p02_queues",
    "P3": "p03_smtplib",
    "P4": "p04_distance",
    "P5": "p05_request",
    "P6": "p06_expansion",
    "P7": "p07_depth",
    "P8": "p08_history",
    "P9": "p09_pages",
    "P10": "p10_writers",
    "P11": "p07_depth",
    "P12": "p12_wake",
    "P13": "p13_postgresql",
    "P14": "p14_dkim",
    "P15": "p15_tls",
    "COST": "growth",
}

_PANELS = 2


def main() -> int:
    """Status 1 where a bar was missed or a row could not be finished."""
    arguments = _arguments()
    scale = _scale(arguments)
    # What was started must be stopped too when somebody ends the bench.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    missed = 0
    curves: dict[str, Curve] = {}
    for module in dict.fromkeys(ROWS[name] for name in arguments.names or ROWS):
        for row in _measured(module, scale):
            _say(*row.lines())
            missed += row.is_missed
            if isinstance(row, Curve):
                curves[row.about] = row
    if len(curves) == _PANELS and not arguments.small:
        draw(curves)
    _say(f"{missed} bars missed; measured in {(time.monotonic() - began) / 60:.1f} minutes.")
    return int(missed > 0)


def _scale(arguments: argparse.Namespace) -> Scale:
    scale = SMALL if arguments.small else Scale()
    rounds = arguments.rounds or scale.rounds
    return replace(scale, rounds=rounds, all_rivals=os.environ.get("RIVALS") == "all")


def _measured(module: str, scale: Scale) -> Iterator[Row | Curve | Unmeasured]:
    """The rows of a module, each as soon as it is there."""
    name = next(name for name, known in ROWS.items() if known == module)
    try:
        yield from import_module(f"bench.{module}").rows(scale)
    except Missing as missing:
        yield Unmeasured(name, f"skipped: {missing}", is_missed=False)
    except (TimeoutError, RuntimeError) as error:
        yield Unmeasured(name, f"BROKEN: {error}", is_missed=True)


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="ROW", help=", ".join(ROWS))
    parser.add_argument("--small", action="store_true", help="a minute, to try the bench itself")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
