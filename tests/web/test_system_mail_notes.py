"""The Notes page: its live check, the DKIM keys, and pasted headers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import DkimKey
from sysmail.jobs import Job
from sysmail.outbox import Delivery, Worker
from sysmail.people import Person
from tests.diagnosis.test_received import HEADERS
from tests.support.dnsd import ScriptedDns
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.post_office import use_server, work
from tests.support.smtpd import ScriptedSmtp

URL = "/admin/system-mail/notes"
DOMAIN = "example.test"
HELO = "mail.example.test"


@pytest.fixture
def dns() -> Iterator[ScriptedDns]:
    with ScriptedDns() as server:
        server.add(DOMAIN, "A", "203.0.113.9")
        server.add(HELO, "A", "203.0.113.9")
        yield server


@pytest.fixture
def app(tmp_path: Path, dns: ScriptedDns, database: dict[str, str]) -> Flask:
    settings = {
        "BUILTIN": "direct",
        "BUILTIN_ADDRESS": f"no-reply@{DOMAIN}",
        "HELO_NAME": HELO,
        "RESOLVER": dns.nameserver,
    }
    return make_app(tmp_path / "instance", **settings, **database)


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def page(app: Flask, alice: Person, request: pytest.FixtureRequest) -> Page:
    return Page(app, htmx=request.param).sign_in(alice)


def state(page: Page) -> str:
    return page.one("#sender")["data-sender-state"]


def topics(page: Page) -> dict[str, str]:
    return {e["data-topic"]: e["data-severity"] for e in page.select("#sender [data-topic]")}


def see_worker(session: Session) -> None:
    now = clock.now()
    session.add(Worker(id="w", boot_id="b", pid=1, started_at=now, seen_at=now, beats=1))
    session.commit()


@pytest.mark.both_engines
def test_a_check_is_asked_for_followed_and_shown(
    page: Page, app: Flask, session: Session, dns: ScriptedDns
) -> None:
    page.get(URL)
    assert state(page) == "never"
    assert session.scalar(select(func.count(Job.id))) == 0
    see_worker(session)
    page.submit(f"{URL}/sender")
    assert (page.title, state(page)) == (
        "Notes on Setting Up a System Email Address",
        "waiting",
    )
    assert dns.queries == []
    work(app)
    assert page.poll()
    assert state(page) == "done"
    assert list(topics(page)) == ["spf", "dkim", "dmarc", "mx", "reverse"]
    assert topics(page)["spf"] == "problem"
    assert "v=spf1 ip4:" in page.one('[data-topic="spf"] .dns').text
    assert "Something keeps mails from being trusted." in page.text
    assert not page.poll()


def test_without_a_worker_a_waiting_check_says_so(app: Flask, alice: Person) -> None:
    page = Page(app).sign_in(alice).get(URL).submit(f"{URL}/sender")
    assert "No worker is running" in page.one("#sender").text


def test_a_check_of_other_settings_is_not_taken_for_todays(
    app: Flask, session: Session, alice: Person
) -> None:
    page = Page(app).sign_in(alice).get(URL).submit(f"{URL}/sender")
    work(app)
    with ScriptedSmtp() as server:
        use_server(app, server, email_address="portal@other.test")
    page.get(URL)
    assert "Checked for other settings, with the sender no-reply@example.test" in page.text


def test_keys_are_made_published_used_replaced_and_withdrawn(
    page: Page, app: Flask, session: Session, dns: ScriptedDns
) -> None:
    page.get(URL).submit(f"{URL}/keys")
    keys = session.scalars(select(DkimKey).order_by(DkimKey.id)).all()
    shown = page.select("[data-key]")
    assert [(e["data-key"], e["data-state"]) for e in shown] == [(k.selector, "made") for k in keys]
    for key, element in zip(keys, shown, strict=True):
        assert key.value in element.text
        dns.add(key.place, "TXT", f'"{key.value[:200]}" "{key.value[200:]}"')
    assert page.select("[data-key] .dns")[0].text.count("v=DKIM1") == 2
    page.submit(f"{URL}/keys/signing")
    page.get(URL).submit(f"{URL}/sender")
    work(app)
    page.get(URL)
    assert topics(page)["dkim"] == "ok"
    page.submit(f"{URL}/keys")
    assert [e["data-state"] for e in page.select("[data-key]")] == ["made"] * 2 + ["active"] * 2
    page.submit(f"{URL}/keys/signing")
    assert [e["data-state"] for e in page.select("[data-key]")] == ["active"] * 2 + ["retired"] * 2
    page.get(f"{URL}/keys/{keys[0].id}/withdrawal")
    assert keys[0].place in page.text
    page.submit(f"{URL}/keys/{keys[0].id}/withdrawal")
    assert len(page.select("[data-key]")) == 3
    assert "Withdrawn. Take the record at" in page.text
    page.get(f"{URL}/keys/{keys[0].id}/withdrawal", status=404)


def test_looking_at_a_withdrawal_withdraws_nothing(
    page: Page, session: Session, app: Flask
) -> None:
    page.get(URL).submit(f"{URL}/keys")
    key = session.scalars(select(DkimKey)).first()
    assert key is not None
    page.get(f"{URL}/keys/{key.id}/withdrawal").click("Keep it")
    session.expire_all()
    assert key.state == "made"


def test_signing_for_an_external_server_is_a_choice(
    page: Page, app: Flask, session: Session
) -> None:
    with ScriptedSmtp() as server:
        use_server(app, server)
    page.get(URL)
    assert "They are not signed here." in page.one("#keys").text
    assert not page.select(f'form[action="{URL}/keys"]')
    page.submit("wanted")
    assert "are signed here" in page.one("#keys").text
    assert page.select(f'form[action="{URL}/keys"]')
    page.submit("wanted")
    assert "They are not signed here." in page.one("#keys").text


def test_keys_change_only_after_a_recent_sign_in(
    app: Flask, session: Session, alice: Person
) -> None:
    page = Page(app).sign_in(alice, seconds_ago=6000)
    page.get(URL).submit(f"{URL}/keys")
    assert "password" in page.text.lower()
    assert page.title != "Notes on Setting Up a System Email Address"
    assert session.scalar(select(func.count(DkimKey.id))) == 0


def test_members_reach_none_of_it(app: Flask, bob: Person) -> None:
    page = Page(app).sign_in(bob)
    for path in ("", "/sender", "/headers", "/keys/1/withdrawal"):
        page.get(URL + path, status=403)
    token = page.get("/").select('[name="csrf_token"]')[0]["value"]
    for path in ("/sender", "/headers", "/keys", "/keys/signing", "/external-signing"):
        answer = page.send("POST", URL + path, data={"csrf_token": token})
        assert answer.status_code == 403


def test_pasted_headers_are_read_and_not_kept(page: Page, session: Session) -> None:
    page.get(f"{URL}/headers")
    page.submit("headers", headers=HEADERS)
    assert [e["data-topic"] for e in page.select("#reading [data-topic]")] == [
        "spf",
        "dkim",
        "dmarc",
    ]
    assert len(page.select("[data-hop]")) == 3
    assert "10 minutes" in page.select("[data-hop]")[1].text
    assert "encrypted" in page.select("[data-hop]")[1].text
    assert session.scalar(select(func.count(Delivery.id))) == 0
    assert session.scalar(select(func.count(Job.id))) == 0


def test_what_is_no_head_comes_back_with_a_word(page: Page) -> None:
    page.get(f"{URL}/headers").submit("headers", status=422, headers="<b>hello</b>")
    assert "Paste the whole head" in page.one(".field-error").text
    assert page.one("textarea").text == "<b>hello</b>"


def test_hostile_headers_are_text(page: Page) -> None:
    evil = "<script>alert(1)</script>"
    head = f"From: {evil}\nAuthentication-Results: {evil}; spf={evil}; dkim=pass header.d={evil}\n"
    page.get(f"{URL}/headers").submit("headers", headers=f"{head}Received: from {evil} by {evil}")
    assert evil in page.one("#reading").text
    assert all("src" in script for script in page.select("script"))
