"""axe-core in an open page: what it finds, as text."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

_COLOURS = ("color-contrast", "link-in-text-block")


def inject(page: Page) -> None:
    """Once for each page that was opened, before `violations`."""
    page.evaluate(AXE_SCRIPT)


def violations(page: Page, colours_only: bool = False) -> str:
    """A report, "" when there is nothing to report."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if colours_only:
        options["runOnly"] = _COLOURS
    found = AxeResults(page.evaluate(f"axe.run(document, {json.dumps(options)})"))
    return found.generate_report() if found.violations_count else ""


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(wider))
