"""Importing people: all of it or nothing, fast, with one audit entry."""

from __future__ import annotations

import io
import time

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import people
from sysmail.audit import SYSTEM, Entry
from sysmail.events import Event
from sysmail.people import Fault, Line, Person, read_people

pytestmark = pytest.mark.both_engines


def _read(text: str) -> tuple[list[Line], list[Fault]]:
    return read_people(io.StringIO(text, newline=""))


def test_columns_may_come_in_any_order_with_semicolons_and_quotes() -> None:
    lines, faults = _read('Receive;Name;EMAIL;admin\r\nall;"Doe; Jane";Jane@Corp;yes\r\n')
    assert faults == []
    assert lines == [Line("jane@corp", "Doe; Jane", True, "all")]


def test_admin_and_receive_may_be_left_out() -> None:
    assert _read("email,name\nx@y,X\n")[0] == [Line("x@y", "X", False, None)]


def test_each_fault_names_its_line() -> None:
    _, faults = _read(
        "email,name,admin,receive\n"
        "x@y,X,,\n"
        "nobody,N,,\n"
        "X@Y,Twice,,\n"
        "z@y,Z,perhaps,\n"
        "w@y,W,,sometimes\n"
        "v@y,,,\n"
        "u@y,U,,,,more\n"
    )
    assert [fault.number for fault in faults] == [3, 4, 5, 6, 7, 8]
    assert faults[1].message == "This address stands in the file twice."


def test_a_file_without_the_right_titles_is_refused() -> None:
    for text in ("", "x@y,X\n", "email,name,colour\n", "email,email,name\n"):
        lines, faults = _read(text)
        assert (lines, [fault.number for fault in faults]) == ([], [1])


def test_who_is_there_already_stays_as_they_are(session: Session, bob: Person) -> None:
    lines = [
        Line("bob@example.com", "Robert", True, None),
        Line("new@example.com", "New", True, "all"),
    ]
    imported = people.import_people(session, SYSTEM, lines)
    session.commit()
    assert imported.already_there == 1
    assert [(person.email, receive) for person, receive in imported.added] == [
        ("new@example.com", "all")
    ]
    assert (bob.name, bob.is_administrator) == ("Bob", False)


def test_thousands_come_in_seconds_with_one_entry_and_one_event(session: Session) -> None:
    text = "email,name\n" + "".join(f"p{n}@corp.internal,Person {n}\n" for n in range(3000))
    start = time.monotonic()
    lines, faults = _read(text)
    people.import_people(session, SYSTEM, lines)
    session.commit()
    assert time.monotonic() - start < 15
    assert faults == []
    assert session.scalar(select(func.count()).select_from(Person)) == 3000
    assert session.scalars(select(Entry.details)).all() == [{"added": 3000, "already_there": 0}]
    assert session.scalar(select(func.count()).select_from(Event)) == 1
