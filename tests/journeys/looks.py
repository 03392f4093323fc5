"""A look: a page in one of its states, and what is done there to get it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.journeys.furnished import House

Act = Callable[[Page], None]
State = Callable[[House], AbstractContextManager[None]]


def as_it_is(_house: House) -> AbstractContextManager[None]:
    return nullcontext()


def press(name: str, **typed: str) -> Act:
    def act(page: Page) -> None:
        for field, value in typed.items():
            page.locator(f'main [name="{field}"]').first.fill(value)
        page.locator("main").get_by_role("button", name=name, exact=True).first.click()
        page.locator("#error-summary").first.wait_for()

    return act


def open_menu(label: str) -> Act:
    return lambda page: page.locator(f'summary[aria-label="{label}"]').click()


def open_details(page: Page) -> None:
    for summary in page.locator("main summary").all():
        summary.click()


@dataclass(frozen=True)
class Look:
    """A path (with places in braces), who opens it, what is done there, what it answers.

    `answers`: the statuses of 400 and above that are meant.
    """

    path: str
    who: str = "alice"
    name: str = ""
    act: Act | None = None
    state: State = as_it_is
    answers: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        return " ".join(filter(None, (self.who, self.path, self.name)))
