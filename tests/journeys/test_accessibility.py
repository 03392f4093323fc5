"""axe on every page, wide and narrow, light and dark; nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from sysmail.people import new_person, setup_link
from tests.journeys import pages
from tests.journeys.furnished import House, furnish, put_worker
from tests.journeys.pages import Look
from tests.support.axe import COLOURS, inject, overflow, violations
from tests.support.browser import DESKTOP, NARROW, PHONE, Tab, tab
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.serving import serving

pytestmark = pytest.mark.xdist_group("browser")

Opened = Callable[[str], Tab]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], House]]:
    """Portals by name, each with a server of its own."""
    with ExitStack() as stack:

        def built(name: str) -> House:
            bind = f"127.0.0.1:{free_port()}"
            app = make_app(tmp_path_factory.mktemp(name) / "instance", BIND=bind)
            return House(app, stack.enter_context(serving(app)))

        yield built


@pytest.fixture(scope="module")
def furnished(build: Callable[[str], House]) -> House:
    house = build("furnished")
    furnish(house)
    return house


@pytest.fixture(scope="module")
def empty(build: Callable[[str], House]) -> House:
    house = build("empty")
    alice = new_person("alice@example.com", "Alice", administrator=True)
    house.people["alice"] = alice
    with house.session() as session:
        session.add(alice)
        put_worker(session)
        house.keep(alice)
    return house


@pytest.fixture(scope="module")
def new(build: Callable[[str], House]) -> House:
    house = build("new")
    with house.session() as session:
        link = setup_link(house.app.extensions["sysmail.config"], session) or ""
    house.places["token"] = link.partition("=")[2]
    return house


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[_Windows]:
    """One window for each person at each portal, made on first use."""
    with ExitStack() as stack:
        yield _Windows(browser, stack)


class _Windows(dict[tuple[str, str], Tab]):
    def __init__(self, browser: Browser, stack: ExitStack) -> None:
        self._browser, self._stack = browser, stack

    def of(self, house: House, who: str) -> Tab:
        if (house.url, who) not in self:
            window = self._stack.enter_context(tab(self._browser, house.url))
            if who:
                window.sign_in(house.app, house.people[who])
            self[house.url, who] = window
        return self[house.url, who]


def look_at(house: House, windows: _Windows, look: Look) -> None:
    window = windows.of(house, look.who)
    window.troubles.clear()
    window.refusals.clear()
    window.page.set_viewport_size(DESKTOP)
    with look.state(house):
        window.go(house.path(look.path))
        if look.act:
            look.act(window.page)
        _examine(window)
    window.assert_quiet(*look.answers)


def _examine(window: Tab) -> None:
    page = window.page
    assert page.title().startswith(page.locator("h1").inner_text())
    inject(page)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        report = violations(page)
        page.emulate_media(color_scheme="dark")
        # Only colours tell dark from light, and a full run takes three times as long.
        report += violations(page, COLOURS)
        assert not report, f"{size['width']} pixels wide: {report}"
    page.set_viewport_size(NARROW)
    assert overflow(page) == 0, f"{overflow(page)} pixels stick out at {NARROW['width']}"


def test_the_examination_notices_what_is_wrong(new: House, windows: _Windows) -> None:
    page = windows.of(new, "").page
    page.emulate_media(color_scheme="light")
    windows.of(new, "").go("/login")
    assert overflow(page) == 0
    inject(page)
    assert violations(page) == ""
    page.locator("main .card").evaluate(
        """card => {
            const [field, pale, wide] = ["input", "p", "p"].map(tag => document.createElement(tag));
            pale.textContent = "pale";
            pale.style.color = "#ccc";
            wide.textContent = "wide";
            wide.style.width = "2000px";
            card.append(field, pale, wide);
        }"""
    )
    assert "label - " in violations(page)
    assert "color-contrast - " in violations(page, COLOURS)
    assert overflow(page) > 0


def test_no_page_is_left_out(furnished: House) -> None:
    routes = furnished.app.url_map.bind("localhost")
    paths = [furnished.path(look.path.replace("{token}", "")) for look in pages.ALL]
    seen = {routes.match(path.partition("?")[0])[0] for path in paths if path != "/nowhere"}
    rules = furnished.app.url_map.iter_rules()
    there = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    assert there - seen - pages.PIECES == set(), "add it to tests/journeys/pages.py"


def _named(look: Look) -> str:
    return look.title


@pytest.mark.parametrize("look", pages.NEW, ids=_named)
def test_before_set_up(new: House, windows: _Windows, look: Look) -> None:
    look_at(new, windows, look)


@pytest.mark.parametrize("look", pages.EMPTY, ids=_named)
def test_where_nothing_has_happened(empty: House, windows: _Windows, look: Look) -> None:
    look_at(empty, windows, look)


@pytest.mark.parametrize("look", pages.SIGNED_OUT, ids=_named)
def test_signed_out(furnished: House, windows: _Windows, look: Look) -> None:
    look_at(furnished, windows, look)


@pytest.mark.parametrize("look", pages.PORTAL, ids=_named)
def test_portal(furnished: House, windows: _Windows, look: Look) -> None:
    look_at(furnished, windows, look)


@pytest.mark.parametrize("look", pages.PERSON, ids=_named)
def test_what_people_choose(furnished: House, windows: _Windows, look: Look) -> None:
    look_at(furnished, windows, look)


@pytest.mark.parametrize("look", pages.LEAVING, ids=_named)
def test_leaving_and_mail_design(furnished: House, windows: _Windows, look: Look) -> None:
    look_at(furnished, windows, look)


@pytest.mark.parametrize("look", pages.BELL, ids=_named)
def test_what_people_are_told(furnished: House, windows: _Windows, look: Look) -> None:
    look_at(furnished, windows, look)


@pytest.mark.parametrize(
    "look", pages.ADMINISTRATION + pages.MAIL + pages.LOGIN + pages.HELD, ids=_named
)
def test_administration(furnished: House, windows: _Windows, look: Look) -> None:
    look_at(furnished, windows, look)
