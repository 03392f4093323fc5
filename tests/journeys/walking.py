"""People at a portal in one language, with a mail server behind it, finding all by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect

from sysmail.people import Person, new_person
from sysmail.portal import App, Record, add_app, add_comment, add_record
from sysmail.preferences import Choice, store_whole_choice
from sysmail.web.signin import hashed
from sysmail.words import _, ngettext, speaking
from tests.journeys.furnished import PASSWORD, House
from tests.support.browser import Tab, tab
from tests.support.instance import make_app
from tests.support.ports import free_port
from tests.support.post_office import assert_balanced, use_server, work
from tests.support.readers import ChromiumReader
from tests.support.serving import serving
from tests.support.smtpd import ScriptedSmtp

BROWSERS = {"en": "en-GB", "ja": "ja-JP"}


class Walker(ChromiumReader):
    """Gets the English words of a button, link or title, and looks for them in its language."""

    def __init__(self, window: Tab, tongue: str) -> None:
        super().__init__(window)
        self.tongue = tongue

    def says(self, message: str, plural: str = "", num: int = 1, **values: Any) -> str:
        with speaking(self.tongue):
            return ngettext(message, plural, num, **values) if plural else _(message, **values)

    def press(self, button: str, within: str = "main", refused: bool = False) -> None:
        super().press(self.says(button), within, refused)

    def follow(self, link: str, **values: Any) -> None:
        super().follow(self.says(link, **values))

    def titled(self, title: str, **values: Any) -> None:
        expect(self.page.locator("h1")).to_have_text(self.says(title, **values))

    def reads(self, message: str, plural: str = "", num: int = 1, **values: Any) -> None:
        """It stands on the page, most often in the notice above it."""
        self.sees(self.says(message, plural, num, **values))


class Walk:
    """One portal, one language, pages with or without scripts; each journey its own people."""

    def __init__(
        self, house: House, server: ScriptedSmtp, browser: Browser, tongue: str, scripted: bool
    ) -> None:
        self.house, self.server, self.tongue, self.scripted = house, server, tongue, scripted
        self._browser, self._windows = browser, ExitStack()
        with house.session():
            self._hash = hashed(PASSWORD)
        self.alice = self.undecided("Alice Archer", administrator=True)
        self.admin = self.at(self.alice)

    def close(self) -> None:
        self._windows.close()

    def person(self, name: str, receive: str = "all", frequency: str = "immediate") -> Person:
        """Somebody new, who chose so in this walk's language."""
        one = self.undecided(name)
        choice = Choice(receive, 3, frequency=frequency, language=self.tongue)
        with self.house.session() as session:
            store_whole_choice(session, one.id, choice)
        return one

    def undecided(self, name: str, administrator: bool = False) -> Person:
        """Somebody new, who never chose."""
        with self.house.session() as session:
            one = new_person(f"{name.split()[0].lower()}@example.com", name, administrator)
            one.password = self._hash
            session.add(one)
            session.commit()
            self.house.keep(one)
        return one

    def at(self, person: Person | None, tongue: str = "") -> Walker:
        """A window of this person, or of nobody who signed in."""
        options = {"locale": BROWSERS[tongue or self.tongue], "timezone_id": "Asia/Tokyo"}
        opened = tab(self._browser, self.house.url, java_script_enabled=self.scripted, **options)
        window = self._windows.enter_context(opened)
        if person is not None:
            window.sign_in(self.house.app, person)
        return Walker(window, tongue or self.tongue)

    def app(self, name: str, *members: Person) -> App:
        """An app that only these and Alice see, so that no journey mails another's people."""
        with self.house.session() as session:
            made = add_app(session, self.alice, name, {one.id for one in members})
            session.commit()
            self.house.keep(made)
        return made

    def record(self, app: App, title: str, text: str = "", by: Person | None = None) -> str:
        """The path of a record that Alice adds."""
        with self.house.session() as session:
            made = add_record(session, by or self.alice, app, title, text).thing
            return f"/apps/{app.id}/records/{made.id}"

    def comment(self, app: App, path: str, text: str, by: Person | None = None) -> None:
        with self.house.session() as session:
            record = session.get_one(Record, int(path.rpartition("/")[2]))
            add_comment(session, by or self.alice, app, record, text)

    def mails(self, address: str) -> list[EmailMessage]:
        """What the worker has sent to this address when nothing is left to do now."""
        before = len(self.server.ledger)
        with self.house.session() as session:
            work(self.house.app)
            assert_balanced(session)
        new = [mail for mail in self.server.ledger[before:] if mail.rcpt_to == (address,)]
        return [message_from_bytes(mail.raw, policy=policy.default) for mail in new]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage, path: str) -> str:
    """The address in the text that holds this path."""
    found = re.search(rf"https?://\S+{path}\S*", text_of(mail))
    assert found, text_of(mail)
    return found[0]


@contextmanager
def walking(folder: Path, browser: Browser, tongue: str, scripted: bool) -> Iterator[Walk]:
    app = make_app(folder / "instance", BIND=f"127.0.0.1:{free_port()}")
    with serving(app) as url, ScriptedSmtp() as server:
        walk = Walk(House(app, url), server, browser, tongue, scripted)
        with walk.house.session():
            use_server(app, server)
        try:
            yield walk
        finally:
            walk.close()
