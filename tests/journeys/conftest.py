"""One browser for all journeys; it ends with them, so that its event loop is in nobody's way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.walking import Walk, walking
from tests.support.browser import chromium

# Language, and whether pages may run scripts.
WAYS = (("en", True), ("ja", True), ("ja", False))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="package", params=WAYS, ids=["en", "ja", "ja-without-script"])
def walk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Walk]:
    with walking(tmp_path_factory.mktemp("walk"), browser, *request.param) as begun:
        yield begun
