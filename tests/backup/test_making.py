"""Backups are whole, private and new, whatever is being written meanwhile."""

from __future__ import annotations

import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.backup import BackedUp, Refused, back_up
from sysmail.db import db
from sysmail.people import Person
from tests.support.post_office import add_news, add_people


def _count(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as copy:
        return int(copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.mark.both_engines
def test_a_backup_is_a_new_private_file_and_never_overwrites(
    app: Flask, session: Session, bob: Person, tmp_path: Path
) -> None:
    file = tmp_path / "copy"
    made = back_up(db.engine, file)
    assert made == BackedUp(file, file.stat().st_size)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    again = back_up(db.engine, file)
    assert isinstance(again, Refused)
    assert "exists already" in again.message
    assert file.read_bytes() == before


def test_nowhere_to_write_is_said_and_leaves_nothing(session: Session, tmp_path: Path) -> None:
    refused = back_up(db.engine, tmp_path / "missing" / "copy")
    assert isinstance(refused, Refused)
    assert "There is no folder" in refused.message


def test_a_backup_made_while_others_write_is_one_moments_state(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    add_people(session, 300)
    stop, written = threading.Event(), threading.Semaphore(0)

    def write() -> None:
        with app.app_context():
            actor = db.session.get(Person, 1)
            assert actor is not None
            while not stop.is_set():
                add_news(db.session(), actor)
                written.release()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = []
        for number in range(8):
            assert written.acquire(timeout=10)
            copies.append(tmp_path / f"copy{number}")
            assert isinstance(back_up(db.engine, copies[-1]), BackedUp)
    finally:
        stop.set()
        writer.join()
    counts = [_count(copy, "record") for copy in copies]
    assert counts[-1] > counts[0]
    for copy, records in zip(copies, counts, strict=True):
        # App, record and event are one transaction.
        assert (_count(copy, "app"), _count(copy, "event WHERE kind = 'record_added'")) == (
            records,
            records,
        )


def test_a_backup_is_one_file_without_keys_or_captured_mail(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    instance = tmp_path / "instance"
    (instance / "captured").mkdir()
    (instance / "captured" / "1.eml").write_text("Subject: kept apart")
    back_up(db.engine, tmp_path / "copy")
    content = (tmp_path / "copy").read_bytes()
    assert b"kept apart" not in content
    for key in ("secret-key", "fernet-keys"):
        assert (instance / key).read_bytes().strip() not in content
    assert not list(tmp_path.glob("copy-*"))
