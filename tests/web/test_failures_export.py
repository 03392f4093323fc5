"""The history as CSV: what is filtered, inert in a spreadsheet, in bounded memory."""

from __future__ import annotations

import csv
import tracemalloc

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from sysmail import outbox
from sysmail.outbox import Filters, State
from sysmail.people import Person
from sysmail.web.failures import export
from tests.support.page import Page
from tests.support.troubles import REFUSED_LOGIN, many_troubled, troubled

CSV = "/admin/system-mail/failures.csv"


def _read(app: Flask, person: Person, query: str = "") -> list[dict[str, str]]:
    response = Page(app).sign_in(person).send("GET", CSV + query)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.DictReader(response.text.splitlines()))


@pytest.mark.both_engines
def test_it_holds_what_is_filtered_newest_first(
    app: Flask, alice: Person, session: Session
) -> None:
    bob = troubled(session, minutes_ago=60)
    eve = troubled(session, State.QUEUED, REFUSED_LOGIN, address="eve@example.org")
    rows = _read(app, alice)
    assert [row["Number"] for row in rows] == [str(eve.id), str(bob.id)]
    [row] = _read(app, alice, "?recipient=bob@")
    assert row["Recipient"] == "bob@example.com"
    assert row["State"] == "failed"
    assert row["Cause"] == "recipient_unknown"
    assert row["Server"] == "smtp.example.com:587"
    assert (row["Reply code"], row["Enhanced code"]) == ("550", "5.1.1")
    assert row["Server's words"] == "user unknown"
    assert row["What happened"] == "The mailbox bob@example.com does not exist."


@pytest.mark.both_engines
def test_all_slices_of_a_long_history_follow_each_other(
    app: Flask, alice: Person, session: Session
) -> None:
    many_troubled(session, 1_203)
    for query in ("?state=failed", "?state=all", ""):
        numbers = [int(row["Number"]) for row in _read(app, alice, query)]
        assert numbers == list(range(1_203, 0, -1))


@pytest.mark.parametrize("began", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "\n@"])
def test_what_a_spreadsheet_would_calculate_is_quoted(
    app: Flask, alice: Person, session: Session, began: str
) -> None:
    formula = f'{began}HYPERLINK("http://x")'
    troubled(session, State.FAILED, {**REFUSED_LOGIN, "words": formula}, name=formula)
    [row] = _read(app, alice)
    for name in ("Server's words", "Name"):
        assert row[name].startswith("'")
        assert "HYPERLINK" in row[name]


@given(st.text())
def test_no_text_begins_a_formula_or_a_second_line(text: str) -> None:
    safe = export.safe(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert len(safe.splitlines()) <= 1


def test_a_long_history_needs_no_more_memory_than_a_short_one(app: Flask, session: Session) -> None:
    many_troubled(session, 6_000)
    config = app.extensions["sysmail.config"]
    pieces = export.lines(session, config, Filters(state="failed"))
    for _ in range(3):
        next(pieces)
    tracemalloc.start()
    for _ in pieces:
        pass
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000
    assert session.scalar(outbox.listed(Filters())[0].limit(1))
