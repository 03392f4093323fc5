"""The check against a real Postfix names each mistake, and its repair mends it there."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.journeys.postfix.steps import fill_in
from tests.journeys.postfix.test_mistakes import MISTAKES
from tests.support.checking import await_check, checks
from tests.support.page import Page
from tests.support.postfix import Postfix
from tests.support.postfix_config import LOGIN

pytestmark = pytest.mark.xdist_group("postfix")

REPAIRS = {
    "SSL at the STARTTLS port": "Switch to STARTTLS, port PORT",
    "STARTTLS at the SSL port": "Switch to SSL, port PORT",
    "STARTTLS where there is none": "Switch to Plain, port PORT",
    "login in the clear": "Switch to STARTTLS, port PORT",
    "login where there is none": "Send without a login",
    "sender of another login": f"Send as {LOGIN}",
}
ON_POSTFIX = {
    name: mistake
    for name, mistake in MISTAKES.items()
    if mistake.service not in ("closed", "something else")
}


@pytest.mark.parametrize("name", ON_POSTFIX)
def test_what_postfix_refuses_is_named_and_mended(
    page: Page, app: Flask, server: Postfix, name: str
) -> None:
    mistake, port = ON_POSTFIX[name], server.ports[ON_POSTFIX[name].service]
    button = "Check connection"
    with checks(app) as runner:
        fill_in(page, port, mistake.encryption, mistake.login, button, **mistake.typed)
        await_check(page, runner)
        failed = page.one("[data-step][data-outcome=failed]")
        assert failed["data-cause"] == mistake.cause
        if name in REPAIRS:
            page.press(REPAIRS[name].replace("PORT", str(port)))
            await_check(page, runner)
            assert page.one("#check")["data-check-state"] == "ok", page.text
    assert server.inbox("alice@example.com") == []
