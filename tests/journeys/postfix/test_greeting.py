"""A real Postfix that takes only full names in the greeting, and a button that gives it one."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.outbox import State
from tests.journeys.postfix.steps import fill_in
from tests.support.checking import await_check, checks
from tests.support.instance import make_app
from tests.support.page import Page
from tests.support.post_office import deliveries, work
from tests.support.postfix import Postfix

pytestmark = pytest.mark.xdist_group("postfix")

NAMES = {"need fully-qualified hostname": "portal", "Invalid name": "-portal-.example..com"}


@pytest.fixture(params=NAMES)
def words(request: pytest.FixtureRequest) -> str:
    """How Postfix refuses the name that the operator set."""
    return str(request.param)


@pytest.fixture
def app(tmp_path: Path, server: Postfix, words: str) -> Flask:
    server.empty()
    return make_app(tmp_path / "instance", CA_FILE=server.ca_file, HELO_NAME=NAMES[words])


@pytest.mark.parametrize(
    ("service", "step", "cause"),
    [("full-names", "ehlo", "helo_rejected"), ("full-names-late", "recipient", "helo_rejected")],
)
def test_a_refused_name_is_told_and_replaced_by_one_button_up_to_the_mailbox(
    page: Page,
    app: Flask,
    session: Session,
    server: Postfix,
    words: str,
    service: str,
    step: str,
    cause: str,
) -> None:
    with checks(app) as runner:
        fill_in(page, server.ports[service], "starttls", False, "Check connection")
        await_check(page, runner)
        failed = page.one("[data-step][data-outcome=failed]")
        assert (failed["data-step"], failed["data-cause"]) == (step, cause)
        assert words in page.one("#check .words").text
        assert "does not like the name by which this machine introduces itself" in page.text
        page.press("Introduce this machine as example.com")
        await_check(page, runner)
        assert page.one("#check")["data-check-state"] == "ok", page.text
    page.press("Save")
    work(app)
    assert [delivery.state for delivery in deliveries(session)] == [State.SENT]
    [mail] = server.inbox("alice@example.com")
    assert "from example.com " in mail.trace["Received"]
