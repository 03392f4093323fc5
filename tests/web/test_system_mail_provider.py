"""Known providers fill in the form; an address's provider is found by the worker's DNS."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from sysmail import clock
from sysmail.account import provider_finder
from sysmail.db import db
from sysmail.jobs import DONE, Job, JobRunner
from sysmail.outbox import Worker
from sysmail.people import Person, new_person
from tests.support.dnsd import ScriptedDns
from tests.support.page import Page

ACCOUNT = "/admin/system-mail"
PROVIDER = f"{ACCOUNT}/provider"
TYPED = {"email_address": "me@b.example"}


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


@pytest.fixture
def htmx(app: Flask, alice: Person) -> Page:
    return Page(app, htmx=True).sign_in(alice)


def value(page: Page, name: str) -> str:
    return page.root.select(f'[name="{name}"]')[0].get("value") or ""


def shown(page: Page) -> tuple[str, str, str, str]:
    encryption = page.root.select('[name="encryption"][checked]')[0]["value"]
    account = value(page, "account_name") if page.root.select('[name="account_name"]') else ""
    return value(page, "smtp_host"), value(page, "smtp_port"), encryption, account


def test_a_provider_fills_in_host_port_encryption_and_login(page: Page) -> None:
    page.get(f"{PROVIDER}?provider=fastmail&email_address=me@fastmail.com")
    assert shown(page) == ("smtp.fastmail.com", "465", "ssl", "me@fastmail.com")
    assert "app password" in page.text
    assert value(page, "email_address") == "me@fastmail.com"


def test_it_takes_the_typed_address_as_account_name_where_the_provider_does(htmx: Page) -> None:
    htmx.get(ACCOUNT).change("mail_server", "external").change("email_address", "me@b.example")
    htmx.change("smtp_port", "2525").change("provider", "ovh")
    assert shown(htmx) == ("ssl0.ovh.net", "465", "ssl", "me@b.example")
    htmx.change("provider", "sendgrid-eu")
    assert shown(htmx) == ("smtp.eu.sendgrid.net", "587", "starttls", "apikey")
    assert "API key" in htmx.one(".provider-advice").text


def test_a_port_typed_by_hand_is_replaced_by_a_chosen_provider_alone(htmx: Page) -> None:
    htmx.get(ACCOUNT).change("smtp_port", "2525").change("encryption", "ssl")
    assert value(htmx, "smtp_port") == "2525"
    htmx.change("email_address", "me@gmail.com")
    assert value(htmx, "smtp_port") == "2525"
    htmx.change("provider", "")
    assert value(htmx, "smtp_port") == "2525"
    htmx.change("provider", "gmail")
    assert value(htmx, "smtp_port") == "587"


def test_a_server_of_ones_own_is_left_to_be_typed(page: Page) -> None:
    page.get(f"{PROVIDER}?provider=xserver&smtp_host=sv9.xserver.jp")
    assert shown(page)[:3] == ("sv9.xserver.jp", "465", "ssl")
    assert "welcome mail" in page.text


def test_another_providers_fixed_account_name_does_not_stay(page: Page) -> None:
    page.get(
        f"{PROVIDER}?provider=gmail&account_name=apikey&smtp_host=x&email_address=me@gmail.com"
    )
    assert shown(page)[3] == "me@gmail.com"


def test_an_unknown_provider_changes_nothing(page: Page) -> None:
    page.get(f"{PROVIDER}?provider=nobody&smtp_host=mail.example.com&smtp_port=26")
    assert shown(page)[:2] == ("mail.example.com", "26")
    assert page.select(".provider-advice li") == []


def test_the_traps_of_the_stored_server_stand_beside_its_fields(page: Page) -> None:
    page.get(f"{ACCOUNT}/port?smtp_host=smtp.office365.com&encryption=starttls")
    assert page.one("#provider option[selected]")["value"] == "microsoft-365"
    assert "Authenticated SMTP" in page.one(".provider-advice").text


def test_an_address_of_a_providers_own_domain_is_known_at_once(htmx: Page) -> None:
    htmx.get(ACCOUNT).change("email_address", "me@icloud.com")
    assert htmx.one("#provider-suggestion")["data-suggestion"] == "known"
    htmx.click("Fill in its settings")
    assert shown(htmx) == ("smtp.mail.me.com", "587", "starttls", "me@icloud.com")


def test_without_javascript_a_button_fills_in_too_and_keeps_what_was_typed(page: Page) -> None:
    page.get(ACCOUNT)
    page.press("Fill in its settings", provider="icloud", helo_name="me.example", **TYPED)
    assert shown(page) == ("smtp.mail.me.com", "587", "starttls", "me@b.example")
    assert value(page, "helo_name") == "me.example"
    page.press("Fill in its settings", provider="")
    assert value(page, "helo_name") == "me.example"


@pytest.mark.parametrize("address", ["", "me", "@example.com", "me@"])
def test_half_an_address_suggests_nothing(htmx: Page, address: str) -> None:
    htmx.get(ACCOUNT).change("email_address", address)
    assert htmx.one("#provider-suggestion")["data-suggestion"] == "none"
    assert htmx.select("#provider-lookup form") == []


@pytest.fixture
def dns() -> Iterator[ScriptedDns]:
    with ScriptedDns() as server:
        yield server


@pytest.fixture
def worker(app: Flask, session: Session, dns: ScriptedDns) -> Iterator[JobRunner]:
    """The jobs' half of a worker, seen alive."""
    session.add(
        Worker(id="w", boot_id="b", pid=1, started_at=clock.now(), seen_at=clock.now(), beats=1)
    )
    session.commit()
    handlers = {"provider": provider_finder(dns.nameserver)}
    runner = JobRunner(sessionmaker(db.engine), app.extensions["sysmail.vault"], handlers)
    runner.start()
    yield runner
    runner.stop()


def looked_up(page: Page, session: Session) -> str:
    """Asks, and follows the block until it rests."""
    wait_for(lambda: session.scalar(select(Job.state).order_by(Job.id.desc())) == DONE, session)
    if page.htmx:
        page.trigger(page.one("#provider-suggestion"))
    else:
        page.get(page.url)
    return page.one("#provider-suggestion")["data-suggestion"]


def wait_for(met: Callable[[], bool], session: Session) -> None:
    until = clock.monotonic() + 10
    while not met():
        assert clock.monotonic() < until
        session.rollback()


@pytest.mark.parametrize("name", ["page", "htmx"])
def test_the_worker_finds_a_domains_provider_by_dns(
    request: pytest.FixtureRequest, name: str, session: Session, dns: ScriptedDns, worker: JobRunner
) -> None:
    page: Page = request.getfixturevalue(name)
    dns.add("example.com", "MX", "10 in1-smtp.messagingengine.com.")
    page.get(ACCOUNT)
    if page.htmx:
        page.change("email_address", "me@example.com")
        assert page.one("#provider-suggestion")["data-suggestion"] == "ask"
        page.trigger(page.one("#provider-lookup form"), page_fields(page))
    else:
        page.submit(f"{PROVIDER}/lookups", email_address="me@example.com")
    assert looked_up(page, session) == "known"
    page.click("Fill in its settings")
    assert shown(page) == ("smtp.fastmail.com", "465", "ssl", "me@example.com")


def page_fields(page: Page) -> dict[str, list[str]]:
    controls = page.select("#provider-lookup input")
    assert {control["name"] for control in controls} == {"csrf_token", "email_address"}
    return {control["name"]: [control["value"]] for control in controls}


def test_a_provider_nobody_knows_is_told_by_its_mail_host(
    page: Page, session: Session, dns: ScriptedDns, worker: JobRunner
) -> None:
    dns.add("example.com", "MX", "10 mx.some-host.example.")
    page.get(ACCOUNT).submit(f"{PROVIDER}/lookups", email_address="me@example.com")
    assert looked_up(page, session) == "unknown"
    assert "mx.some-host.example" in page.one("#provider-suggestion").text


def test_a_domain_without_mail_suggests_nothing(
    page: Page, session: Session, dns: ScriptedDns, worker: JobRunner
) -> None:
    dns.add("example.com", "MX", "0 .")
    page.get(ACCOUNT).submit(f"{PROVIDER}/lookups", email_address="me@example.com")
    assert looked_up(page, session) == "none"


def test_without_a_worker_the_page_says_so(page: Page) -> None:
    page.get(ACCOUNT).submit(f"{PROVIDER}/lookups", email_address="me@example.com")
    assert page.one("#provider-suggestion")["data-suggestion"] == "stopped"


def test_a_look_up_is_its_askers_own(page: Page, session: Session, app: Flask) -> None:
    page.get(ACCOUNT).submit(f"{PROVIDER}/lookups", email_address="me@example.com")
    carol = new_person("carol@example.com", "Carol", True)
    session.add(carol)
    session.commit()
    Page(app).sign_in(carol).get(page.url, status=404)


def test_no_member_asks_dns_through_the_portal(app: Flask, eve: Person) -> None:
    page = Page(app).sign_in(eve)
    page.get(PROVIDER, status=403)
    page.get(f"{PROVIDER}/suggestion?email_address=a@b.example", status=403)
