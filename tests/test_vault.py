"""The vault: what is sealed opens only where it belongs, and keys are nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from sysmail.vault import (
    CannotOpen,
    KeyTrouble,
    Vault,
    new_key,
    read_or_make,
    read_private,
    write_private,
)


def test_a_secret_opens_for_its_context_and_no_other() -> None:
    vault = Vault((new_key(),))
    token = vault.seal("geheim", {"host": "a", "port": 587})
    assert vault.open(token, {"port": 587, "host": "a"}) == "geheim"
    with pytest.raises(CannotOpen):
        vault.open(token, {"host": "b", "port": 587})


def test_a_lost_key_is_said_and_an_older_one_still_opens() -> None:
    old, new = new_key(), new_key()
    token = Vault((old,)).seal("x", {})
    assert Vault((new, old)).open(token, {}) == "x"
    with pytest.raises(CannotOpen):
        Vault((new,)).open(token, {})
    renewed = Vault((new, old)).renew(token)
    assert Vault((new,)).open(renewed, {}) == "x"


def test_a_key_added_meanwhile_is_found_when_a_value_needs_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    old, new = new_key(), new_key()
    write_private(path, old)
    running = Vault((old,), lambda: tuple(read_private(path).split(",")))
    before = running.seal("x", {})
    write_private(path, f"{new},{old}")
    assert running.open(Vault((new,)).seal("y", {}), {}) == "y"
    assert running.open(before, {}) == "x"
    path.unlink()
    with pytest.raises(CannotOpen):
        running.open(Vault((new_key(),)).seal("z", {}), {})


def test_no_seal_shows_the_length_or_text_of_the_secret() -> None:
    assert "geheim" not in Vault((new_key(),)).seal("geheim", {})


def test_key_files_are_private_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "key"
    first = read_or_make(path)
    assert read_or_make(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    write_private(path, "other")
    assert (read_or_make(path), path.stat().st_mode & 0o777) == ("other", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    read_or_make(path)
    path.chmod(0o644)
    with pytest.raises(KeyTrouble, match="chmod 600"):
        read_or_make(path)


def test_a_malformed_key_is_refused() -> None:
    with pytest.raises(KeyTrouble):
        Vault(("short",))
