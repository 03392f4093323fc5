"""A real Chromium, and tabs that keep account of everything that goes wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)

from sysmail.people import Person
from tests.support.needs import need
from tests.support.signin import sign_in

DESKTOP = ViewportSize(width=1180, height=820)
PHONE = ViewportSize(width=390, height=844)
NARROW = ViewportSize(width=320, height=640)
PATIENCE = 15_000.0

_FLAGS = (
    *("--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
# A blocked resource must not hide: the browser says so only in an event.
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy ${event.violatedDirective} blocked ${event.blockedURI}: ${event.sample}`));
"""


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """One browser process; the test is skipped where the machine has none."""
    path = need("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """One person's window.

    `troubles`: errors and warnings in the console, script errors and lost requests.
    `refusals`: the statuses of 400 and above, in the order they came.
    """

    def __init__(self, context: BrowserContext, base_url: str) -> None:
        self.context = context
        self.base_url = base_url
        self.page = context.new_page()
        self.troubles: list[str] = []
        self.refusals: list[int] = []
        context.on("console", self._spoke)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        context.on("requestfailed", self._lost)
        context.on("response", self._answered)

    def sign_in(self, app: Flask, person: Person) -> None:
        """Takes over a session of `person`, without the form."""
        client = sign_in(app.test_client(), person)
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        one: Any = {"name": cookie.key, "value": cookie.value, "url": self.base_url}
        self.context.add_cookies([one])

    def go(self, path: str) -> None:
        self.page.goto(self.base_url + path)

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def assert_quiet(self, *refusals: int) -> None:
        """Nothing went wrong but answers of these statuses of 400 and above, in this order."""
        assert not self.troubles, "\n".join(self.troubles)
        assert self.refusals == list(refusals), f"answers: {self.refusals}"

    def _spoke(self, message: ConsoleMessage) -> None:
        # Chromium repeats a refused answer in the console; `refusals` has it already.
        repeated = message.text.startswith("Failed to load resource: the server responded")
        if message.type in ("error", "warning") and not repeated:
            self.troubles.append(f"console {message.type} on {message.page}: {message.text}")

    def _lost(self, request: Request) -> None:
        # Leaving a page gives up what it was still asking for.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"lost: {request.url} ({request.failure})")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.refusals.append(response.status)


@contextmanager
def tab(
    browser: Browser,
    base_url: str,
    scheme: Literal["light", "dark"] = "light",
    viewport: ViewportSize = DESKTOP,
    **options: Any,
) -> Iterator[Tab]:
    """A window with cookies of its own, closed afterwards."""
    settings: Any = {"locale": "en-GB", "color_scheme": scheme, "viewport": viewport, **options}
    context = browser.new_context(reduced_motion="reduce", **settings)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_TELL_VIOLATIONS)
    try:
        yield Tab(context, base_url)
    finally:
        context.close()
