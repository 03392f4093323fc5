"""Before it breaks: warnings on the page, and a paused account told once an incident."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import (
    Incident,
    Settings,
    Watch,
    current,
    note_accepted,
    note_reached,
    note_trouble,
    save,
)
from sysmail.audit import Actor
from sysmail.config import Config
from sysmail.people import Person
from tests.support.page import Page

ACCOUNT = "/admin/system-mail"
REFUSED = Incident("config", "account", "login_rejected", "auth", "535 5.7.8 no")


@pytest.fixture
def config(app: Flask) -> Config:
    return cast(Config, app.extensions["sysmail.config"])


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


@pytest.fixture
def watch(app: Flask, session: Session, config: Config, alice: Person) -> Watch:
    """An external account that was looked at today and found well."""
    settings = Settings("external", "portal@example.com", "smtp.example.com", "587")
    save(session, app.extensions["sysmail.vault"], config, Actor(alice.id, "Alice"), settings, 1)
    now = clock.now()
    row = Watch(id=1, version=current(session).version, next_at=now, looked_at=now, words="")
    session.add(row)
    session.commit()
    return row


def concerns(page: Page) -> list[str]:
    return [found["data-concern"] for found in page.get(ACCOUNT).select("[data-concern]")]


def test_an_account_that_is_well_has_no_warnings(page: Page, watch: Watch) -> None:
    assert concerns(page) == []


def test_the_end_of_the_servers_certificate_is_told_days_before(
    page: Page, session: Session, watch: Watch
) -> None:
    watch.certificate_ends_at = clock.now() + timedelta(days=5, minutes=1)
    session.commit()
    assert concerns(page) == ["certificate"]
    assert "smtp.example.com ends in 5 days" in page.one("[data-concern]").text
    watch.certificate_ends_at = clock.now() - timedelta(minutes=1)
    session.commit()
    page.get(ACCOUNT)
    assert "has ended" in page.one("[data-concern]").text


def test_a_failed_look_at_an_idle_account_is_explained(
    page: Page, session: Session, watch: Watch
) -> None:
    watch.cause, watch.phase, watch.words = "login_rejected", "auth", "535 5.7.8 <b>no</b>"
    session.commit()
    assert concerns(page) == ["login"]
    told = page.one("[data-concern]").text
    assert "refuses the login" in told
    assert "Enter Email Account Name and Password again" in told
    assert "535 5.7.8 <b>no</b>" in told
    note_accepted(session, "smtp.example.com", clock.now())
    session.commit()
    assert concerns(page) == []


def pause(session: Session, config: Config) -> None:
    note_trouble(session, config, REFUSED, clock.now())
    session.commit()


def banners(page: Page) -> list[str]:
    return [found.text for found in page.get("/admin/users").select(".banner-bad")]


def test_a_paused_account_is_told_at_once_and_once_an_incident(
    page: Page, session: Session, config: Config, watch: Watch
) -> None:
    pause(session, config)
    [told] = banners(page)
    assert "refuses the login" in told
    page.submit(f"{ACCOUNT}/trouble/seen")
    assert page.url.startswith("/admin/users")
    [reminder] = banners(page)
    assert "paused" in reminder
    assert "refuses the login" not in reminder
    note_reached(session, clock.now())
    session.commit()
    assert not any("paused" in text for text in banners(page))
    pause(session, config)
    assert "refuses the login" in banners(page)[0]


def test_having_seen_it_is_ones_own(
    app: Flask, page: Page, session: Session, config: Config, watch: Watch, alice: Person
) -> None:
    pause(session, config)
    banners(page)
    page.submit(f"{ACCOUNT}/trouble/seen")
    assert "refuses the login" in banners(Page(app).sign_in(alice))[0]


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil", "", "x"])
def test_the_way_back_leads_nowhere_else(
    page: Page, session: Session, config: Config, watch: Watch, back: str
) -> None:
    pause(session, config)
    banners(page)
    page.submit(f"{ACCOUNT}/trouble/seen", back=back)
    assert page.url == ACCOUNT


def test_what_was_seen_before_a_newer_trouble_does_not_hide_it(
    page: Page, session: Session, config: Config, watch: Watch
) -> None:
    pause(session, config)
    banners(page)
    page.submit(f"{ACCOUNT}/trouble/seen", incident="2020-01-01 login_rejected")
    assert "refuses the login" in banners(page)[0]
