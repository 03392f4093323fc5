"""What others wrote and we ship is exactly what they released."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parents[1] / "static" / "vendor"


def _entries() -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = json.loads((VENDOR / "VENDOR.json").read_text())
    return entries


def test_every_vendored_file_has_the_hash_that_was_written_down() -> None:
    for entry in _entries().values():
        for name, expected in entry["files"].items():
            actual = hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
            assert f"sha256-{actual}" == expected, f"{name} was changed: take the released file"


def test_nothing_is_vendored_without_being_written_down() -> None:
    listed = {name for entry in _entries().values() for name in entry["files"]}
    assert {path.name for path in VENDOR.iterdir()} == listed | {"VENDOR.json"}


def test_every_vendored_name_tells_its_version_and_keeps_its_licence() -> None:
    for entry in _entries().values():
        assert all(entry["version"] in name for name in entry["files"])
        assert any(name.endswith(".LICENSE") for name in entry["files"])
