"""Three ways to read the portal behind one set of verbs: plain HTML, htmx, and Chromium.

A journey told in these verbs is the same journey in all three.
"""

from __future__ import annotations

import time
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Locator, expect

from tests.support.browser import PATIENCE, Tab
from tests.support.page import Page
from tests.support.swap import set_control


class Reader(Protocol):
    """One person at the portal. What is expected is awaited where it may take a moment.

    `scripted`: the page answers at once to what is filled in.
    """

    scripted: bool

    def open(self, url: str) -> None: ...

    def menu(self, name: str) -> None:
        """Opens a menu of the header, by its name."""

    def follow(self, link: str) -> None:
        """The link of this text."""

    def fill(self, **values: Any) -> None:
        """Types, chooses and ticks; of many boxes of one name, the one of that value."""

    def press(self, button: str, within: str = "main", refused: bool = False) -> None:
        """The first button of this text in the element `within`."""

    def titled(self, title: str) -> None: ...

    def sees(self, text: str) -> None: ...

    def shows(self, selector: str, count: int = 1) -> None: ...

    def holds(self, name: str, value: str) -> None:
        """The control of this name has this value."""

    def awaits(self, selector: str) -> None:
        """Until the page, looking again as it does by itself, has this element."""

    def texts(self, selector: str) -> list[str]: ...


class PaperReader:
    """By the test client, plain or as htmx does it; every page it meets is checked."""

    def __init__(self, app: Flask, htmx: bool) -> None:
        self.page = Page(app, htmx)
        self.scripted = htmx

    def open(self, url: str) -> None:
        parts = urlsplit(url)
        self.page.get(parts.path + (f"?{parts.query}" if parts.query else ""))

    def menu(self, name: str) -> None:
        assert self.page.select(f'summary[aria-label="{name}"]')

    def follow(self, link: str) -> None:
        self.page.click(link)

    def fill(self, **values: Any) -> None:
        for name, value in values.items():
            boxes = self.page.select(f'input[type=checkbox][name="{name}"]')
            if len(boxes) > 1:
                [box] = [one for one in boxes if one["value"] == value]
                box.attrs["checked"] = ""
            elif self.page.htmx:
                self.page.change(name, value)
            else:
                set_control(self.page.root, name, value)

    def press(self, button: str, within: str = "main", refused: bool = False) -> None:
        buttons = self.page.select(within)[0].select("button")
        pressed = next(one for one in buttons if one.text == button)
        form = pressed.closest("form")
        assert form is not None
        self.page.submit(form, status=422 if refused else 200, button=pressed)

    def titled(self, title: str) -> None:
        assert self.page.title == title, self.page.text

    def sees(self, text: str) -> None:
        assert text in self.page.text, self.page.text

    def shows(self, selector: str, count: int = 1) -> None:
        assert len(self.page.select(selector)) == count, self.page.text

    def holds(self, name: str, value: str) -> None:
        found = self.page.select(f'[name="{name}"]')
        [control] = [one for one in found if one.get("type") != "radio" or "checked" in one]
        assert control.get("value") == value

    def awaits(self, selector: str) -> None:
        until = time.monotonic() + PATIENCE / 1000
        while not self.page.select(selector):
            assert time.monotonic() < until, f"{selector} never came: {self.page.text}"
            time.sleep(0.05)
            if not (self.page.htmx and self.page.poll()):
                self.page.get(self.page.url)

    def texts(self, selector: str) -> list[str]:
        return [one.text for one in self.page.select(selector)]


class ChromiumReader:
    """By pointer and keyboard in a real browser."""

    scripted = True

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page = tab.page

    def open(self, url: str) -> None:
        self.page.goto(url if "//" in url else self.tab.base_url + url)

    def menu(self, name: str) -> None:
        self.page.locator(f'summary[aria-label="{name}"]').click()

    def follow(self, link: str) -> None:
        self.page.get_by_role("link", name=link, exact=True).first.click()

    def fill(self, **values: Any) -> None:
        for name, value in values.items():
            controls = self.page.locator(f'[name="{name}"]')
            kind = controls.first.get_attribute("type")
            if kind in ("radio", "checkbox"):
                self._choose(controls, value)
            elif controls.first.evaluate("control => control.tagName") == "SELECT":
                controls.first.select_option(value)
            else:
                controls.first.fill(str(value))
                controls.first.press("Tab")

    def press(self, button: str, within: str = "main", refused: bool = False) -> None:
        scope = self.page.locator(within).first
        scope.get_by_role("button", name=button, exact=True).first.click()

    def titled(self, title: str) -> None:
        expect(self.page.locator("h1")).to_have_text(title)
        expect(self.page).to_have_title(f"{title} · Sysmail")

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text, use_inner_text=True)

    def shows(self, selector: str, count: int = 1) -> None:
        expect(self.page.locator(selector)).to_have_count(count)

    def holds(self, name: str, value: str) -> None:
        checked = self.page.locator(f'[name="{name}"]:checked')
        one = checked if checked.count() else self.page.locator(f'[name="{name}"]')
        expect(one).to_have_value(value)

    def awaits(self, selector: str) -> None:
        expect(self.page.locator(selector).first).to_be_attached(timeout=PATIENCE)

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    def _choose(self, controls: Locator, value: Any) -> None:
        if isinstance(value, str):
            controls = controls.and_(self.page.locator(f'[value="{value}"]'))
        controls.set_checked(bool(value))
