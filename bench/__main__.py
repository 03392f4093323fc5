"""Runs the rows asked for, all of them unless some are named: python -m bench [P1 P3 ...]."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import time
from importlib import import_module

from bench.row import Row, Skipped
from bench.scale import SMALL, Scale
from bench.sink import Missing

ROWS = {
    "P1": "p01_django",
    "P3": "p03_smtplib",
}


def main() -> int:
    """Status 1 where a bar was missed."""
    arguments = _arguments()
    scale = SMALL if arguments.small else Scale()
    if arguments.rounds:
        scale = dataclasses.replace(scale, rounds=arguments.rounds)
    if os.environ.get("RIVALS") == "all":
        scale = dataclasses.replace(scale, all_rivals=True)
    began = time.monotonic()
    missed = 0
    for name in arguments.names or ROWS:
        for row in _measure(name, scale):
            _say(*row.lines())
            missed += isinstance(row, Row) and row.verdict() == "MISSED"
    _say(f"{missed} bars missed; measured in {(time.monotonic() - began) / 60:.1f} minutes.")
    return int(missed > 0)


def _measure(name: str, scale: Scale) -> list[Row | Skipped]:
    try:
        return list(import_module(f"bench.{ROWS[name]}").rows(scale))
    except Missing as missing:
        return [Skipped(name, str(missing))]


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ROWS, []], metavar="ROW")
    parser.add_argument("--small", action="store_true", help="a minute, to try the bench itself")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
