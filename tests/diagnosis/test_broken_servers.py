"""The check and the saved test name what is wrong, and the repair that is offered mends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.people import Person
from tests.diagnosis.broken import BROKEN, ME, PASSWORD, Broken
from tests.diagnosis.dovecot import DOVECOT
from tests.support import smtp_tls
from tests.support.checking import PATIENT, SHORT, await_check, checks
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.post_office import deliveries, work

ACCOUNT = "/admin/system-mail"
ENCRYPTIONS = {None: "plain", "": "plain", "ssl": "ssl", "starttls": "starttls"}
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
TABLE = (*BROKEN, *DOVECOT)
HANGS = {"connection_timeout", "no_greeting"}
every = pytest.mark.parametrize("broken", TABLE, ids=lambda broken: broken.name)


@pytest.fixture
def app(tmp_path: Path, database: dict[str, str]) -> Flask:
    return make_app(tmp_path / "instance", CA_FILE=smtp_tls.ca_file(), **database)


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


def _typed(broken: Broken, server: Any) -> dict[str, Any]:
    """Settings that fit the server but for what is wrong."""
    options = getattr(server, "options", None)
    return {
        "mail_server": "external",
        "email_address": ME,
        "smtp_host": server.host,
        "smtp_port": str(server.port),
        "encryption": ENCRYPTIONS[options.tls if options else None],
        "test_address": "bob@example.com",
        **broken.typed,
    }


def _open(page: Page, typed: dict[str, Any]) -> Page:
    """The form with the fields that were chosen, as JavaScript or the noscript link shows it."""
    on = "&use_smtp_auth=1" if typed.get("use_smtp_auth") else ""
    return page.get(f"{ACCOUNT}/auth?encryption={typed['encryption']}{on}")


def _failed(page: Page) -> tuple[str, str]:
    """Cause and step of the failure; every step before it is over, and every one after it."""
    assert page.one("#check")["data-check-state"] == "failed", page.text
    outcomes = {one["data-step"]: one["data-outcome"] for one in page.select("[data-step]")}
    assert len(outcomes) == 8
    [failed] = page.select("[data-step][data-outcome=failed]")
    after = list(outcomes.values())[list(outcomes).index(failed["data-step"]) + 1 :]
    assert set(after) <= {"skipped"}
    return failed["data-cause"], failed["data-step"]


@every
def test_the_check_names_it_and_the_repair_mends_it(page: Page, app: Flask, broken: Broken) -> None:
    limits = SHORT if broken.cause in HANGS else PATIENT
    with broken.server() as server, checks(app, limits) as runner:
        typed = _typed(broken, server)
        _open(page, typed).press("Check connection", **typed)
        await_check(page, runner)
        assert _failed(page) == (broken.cause, broken.step)
        assert "No rule matched" not in page.text
        assert "Who must act: " in page.text
        assert PASSWORD not in page.response.text
        if broken.repair:
            _press(page, broken.repair.replace("PORT", str(server.port)))
            if broken.then:
                assert page.select("#error-summary"), page.text
                page.press("Check connection", **broken.then)
            await_check(page, runner)
            assert page.one("#check")["data-check-state"] == "ok", page.text
        assert not list(getattr(server, "ledger", ()))


def _press(page: Page, label: str) -> None:
    offered = [one.text for one in page.select("#check button")]
    page.press(next(text for text in offered if text.startswith(label)))


@pytest.mark.parametrize(
    "broken", [one for one in TABLE if not one.slow], ids=lambda broken: broken.name
)
def test_the_mail_that_save_sends_names_the_same_cause(
    page: Page, app: Flask, session: Session, broken: Broken
) -> None:
    with broken.server() as server:
        typed = _typed(broken, server)
        _open(page, typed).press("Save", **typed)
        work(app)
        [test] = deliveries(session)
        assert test.cause == broken.cause
        page.get(page.url)
        assert page.one("#test-outcome")["data-cause"] == broken.cause
