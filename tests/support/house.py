"""What the house rules read: the modules of sysmail, their imports and functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

FLOOR_ONE = {"smtp", "mime", "db", "vault", "clock", "config", "words", "faults"}
ARROWS = {
    "events": set(),
    "audit": {"events"},
    "people": {"audit"},
    "jobs": set(),
    "account": {"audit", "jobs"},
    "portal": {"people", "events", "audit"},
    "preferences": {"people", "events"},
    "outbox": {"account"},
    "diagnosis": {"account", "jobs"},
    "leaving": {"notifications", "jobs", "account"},
    "notifications": {"outbox", "preferences", "portal", "people", "events"},
}


@dataclass(frozen=True)
class Import:
    """`target` is the dotted module; `names` what is taken from it."""

    module: Path
    line: int
    target: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.module.relative_to(ROOT)}:{self.line} imports {self.target}"


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules() -> list[Path]:
    """Every Python file of the product but generated migrations."""
    found = sorted((ROOT / "sysmail").rglob("*.py"))
    return [path for path in found if "migrations" not in path.parts]


def room_of(path: Path) -> str:
    """The feature a module belongs to: its package, or its own name."""
    return path.relative_to(ROOT / "sysmail").parts[0].removesuffix(".py")


def floor_of(room: str) -> int:
    if room in FLOOR_ONE:
        return 1
    if room in ARROWS:
        return 2
    return 3 if room == "web" else 4


def imports(path: Path) -> Iterator[Import]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            yield Import(path, node.lineno, node.module or "", names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name, ())


def own_imports(path: Path) -> Iterator[tuple[str, Import]]:
    """Imports from within sysmail, each with the room it enters."""
    for found in imports(path):
        parts = found.target.split(".")
        if parts[0] != "sysmail":
            continue
        for room in parts[1:2] or [name for name in found.names if _is_room(name)]:
            yield room, found


def _is_room(name: str) -> bool:
    place = ROOT / "sysmail" / name
    return place.is_dir() or place.with_suffix(".py").is_file()


def reachable(room: str) -> set[str]:
    """All rooms the arrows lead to, directly or over others."""
    found = set(ARROWS[room])
    for neighbour in ARROWS[room]:
        found |= reachable(neighbour)
    return found


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
