"""axe-core in an open page: what it finds, as text."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

COLOURS = ("color-contrast", "link-in-text-block")
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def inject(page: Page) -> None:
    """Once for each page that was opened, before `violations`. axe asks the frames within it too,
    and one that loads late has nobody to hear it yet."""
    for one in page.locator("iframe").all():
        one.scroll_into_view_if_needed()
        frame = one.element_handle().content_frame()
        assert frame is not None
        frame.wait_for_url("http**")
    page.evaluate(AXE_SCRIPT)


def violations(page: Page, only: tuple[str, ...] = ()) -> str:
    """A report, "" when there is nothing to report. `only`: rules, or tags of rules."""
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if only:
        options["runOnly"] = only
    run = f"axe.run(document, {json.dumps(options)})"
    found = AxeResults(page.evaluate(f"{run}.then(({{violations}}) => ({{violations}}))"))
    return found.generate_report() if found.violations_count else ""


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(wider))
