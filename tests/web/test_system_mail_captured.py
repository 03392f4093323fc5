"""Captured mail: the list, one mail, its body under a policy of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from sysmail.mime import build
from sysmail.people import Person
from tests.mime.conftest import PLAIN
from tests.support.page import Page

URL = "/admin/captured"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


def _keep(app: Flask, number: int, subject: str, html: str | None = None) -> bytes:
    data = build(replace(PLAIN, subject=subject, html=html, text=f"Text {HOSTILE}\n")).data
    folder = Path(app.instance_path) / "captured"
    folder.mkdir(exist_ok=True)
    (folder / f"{number}.eml").write_bytes(data)
    return data


def test_nothing_captured_says_so(page: Page) -> None:
    assert "Nothing was captured yet" in page.get(URL).text


def test_captured_mails_are_listed_newest_first(app: Flask, page: Page) -> None:
    _keep(app, 9, "Nine 電池")
    _keep(app, 10, HOSTILE)
    (Path(app.instance_path) / "captured" / ".11.draft").write_bytes(b"half a mail")
    page.get(URL)
    assert [a.text for a in page.select(".row-link")] == [HOSTILE, "Nine 電池"]
    page.click("Nine 電池")
    assert page.title == "Nine 電池"


def test_more_than_a_page_goes_on_with_older_ones(app: Flask, page: Page) -> None:
    for number in range(1, 53):
        _keep(app, number, f"Mail {number}")
    page.get(URL).click("Older")
    assert [a.text for a in page.select(".row-link")] == ["Mail 2", "Mail 1"]
    page.click("Newest")
    assert page.select(".row-link")[0].text == "Mail 52"


def test_the_body_is_a_response_of_its_own_that_runs_nothing(app: Flask, page: Page) -> None:
    _keep(app, 1, "Hello", html=f"<p>Hello</p>{HOSTILE}")
    page.get(f"{URL}/1")
    assert "frame-src 'self'" in page.response.headers["Content-Security-Policy"]
    frame = page.one("iframe")
    assert "sandbox" in frame
    assert HOSTILE in page.one("pre").text
    body = page.send("GET", frame["src"])
    policy = body.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "<p>Hello</p>" in body.text


def test_the_whole_message_is_shown_as_it_would_have_been_sent(app: Flask, page: Page) -> None:
    data = _keep(app, 1, "Hello")
    page.get(f"{URL}/1")
    assert not page.select("iframe")
    answer = page.send("GET", f"{URL}/1/raw")
    assert answer.data == data
    assert answer.mimetype == "text/plain"


@pytest.mark.parametrize("path", ["/7", "/7/body", "/7/raw"])
def test_what_was_not_captured_is_not_found(page: Page, path: str) -> None:
    assert page.send("GET", URL + path).status_code == 404


@pytest.mark.parametrize("path", ["", "/1", "/1/body", "/1/raw"])
def test_captured_mail_is_for_administrators_only(app: Flask, bob: Person, path: str) -> None:
    _keep(app, 1, "Hello", html="<p>Hello</p>")
    assert Page(app).sign_in(bob).send("GET", URL + path).status_code == 403
