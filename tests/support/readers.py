"""Three ways to read the portal behind one set of verbs: plain HTML, htmx, and Chromium.

A journey told in these verbs is the same journey in all three.
"""

from __future__ import annotations

import re
import time
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Locator, expect

from tests.support.browser import PATIENCE, Tab
from tests.support.html import Element
from tests.support.page import Page


class Reader(Protocol):
    """One person at the portal. What is expected is awaited, where it may take a moment."""

    scripted: bool

    def open(self, url: str) -> None: ...

    def follow(self, link: str) -> None:
        """The link of this text."""

    def fill(self, **values: Any) -> None:
        """Types, chooses and ticks; with script the page may answer at once."""

    def press(self, button: str, within: str = "main") -> None:
        """The first button of this text, in the element `within`."""

    def sees(self, text: str) -> None: ...

    def titled(self, title: str) -> None: ...

    def shows(self, selector: str, count: int = 1) -> None: ...

    def holds(self, name: str, value: str) -> None:
        """The control of this name has this value."""

    def awaits(self, selector: str) -> None:
        """Until the page, looking again as it does by itself, has this element."""

    def attribute(self, selector: str, name: str) -> str: ...


class PaperReader:
    """By the test client, plain or as htmx does it; every page it meets is checked."""

    def __init__(self, app: Flask, htmx: bool) -> None:
        self.page = Page(app, htmx)
        self.scripted = htmx

    def open(self, url: str) -> None:
        parts = urlsplit(url)
        self.page.get(parts.path + (f"?{parts.query}" if parts.query else ""))

    def follow(self, link: str) -> None:
        self.page.click(link)

    def fill(self, **values: Any) -> None:
        for name, value in values.items():
            self.page.change(name, value)

    def press(self, button: str, within: str = "main") -> None:
        scope = self.page.select(within)[0]
        form = next(
            form
            for form in scope.select("form")
            if any(one.text == button for one in form.select("button"))
        )
        status = 422 if button.endswith(REFUSED) else 200
        self.page.submit(form, status=status)

    def sees(self, text: str) -> None:
        assert text in self.page.text

    def titled(self, title: str) -> None:
        assert self.page.title == title

    def shows(self, selector: str, count: int = 1) -> None:
        assert len(self.page.select(selector)) == count, self.page.select(selector)

    def holds(self, name: str, value: str) -> None:
        [control] = self._controls(name)
        assert control.get("value") == value

    def awaits(self, selector: str) -> None:
        until = time.monotonic() + PATIENCE / 1000
        while not self.page.select(selector):
            assert time.monotonic() < until, f"{selector} never came: {self.page.text}"
            time.sleep(0.05)
            if not (self.page.htmx and self.page.poll()):
                self.page.get(self.page.url)

    def attribute(self, selector: str, name: str) -> str:
        return self.page.one(selector)[name]

    def _controls(self, name: str) -> list[Element]:
        found = self.page.select(f'[name="{name}"]')
        return [one for one in found if one.get("type") != "radio" or "checked" in one]
