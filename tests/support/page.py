"""`Page`: a reader of the portal that checks every page it gets, plain or as htmx does."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from sysmail import clock
from tests.support import swap
from tests.support.checks import check_headers, check_page
from tests.support.html import Element, parse

Fields = dict[str, list[str]]


class Page:
    """A browser of one person. `root` is the page as it stands, htmx's swaps included.

    Every verb asserts the final status (200 unless told) and follows redirects.
    """

    def __init__(self, app: Flask, htmx: bool = False) -> None:
        self.app = app
        self.htmx = htmx
        self.client = app.test_client()
        self.url = "/"
        self.root = parse("")
        self.response: TestResponse

    def sign_in(self, person: Any, seconds_ago: float = 0) -> Self:
        """Signs a person in without the form, as if the password was given some time ago."""
        with self.client.session_transaction() as session:
            session.clear()
            session.update(_user_id=person.fs_uniquifier, _fresh=True, fs_cc="set")
            session["fs_paa"] = clock.now().timestamp() - seconds_ago
        return self

    def get(self, url: str, status: int = 200) -> Self:
        """Opens a page as by the address line: whole, never as a block."""
        return self._open("GET", url, {}, {}, status)

    def click(self, link: str | Element, status: int = 200) -> Self:
        """Follows a link, given by its element, its text or a selector."""
        element = link if isinstance(link, Element) else self._link(link)
        if self.htmx and "hx-get" in element:
            return self.trigger(element, status=status)
        return self.get(urljoin(self.url, element["href"]), status)

    def form(self, which: int | str = 0) -> Element:
        """A form by its place, its id, its action, or the name of a control in it."""
        forms = self.root.select("form")
        if isinstance(which, int):
            return forms[which]
        for form in forms:
            if which in (form.get("id"), form["action"]) or form.select(f'[name="{which}"]'):
                return form
        raise AssertionError(f"no form {which!r} among {forms}")

    def submit(
        self,
        form: Element | int | str = 0,
        *,
        status: int = 200,
        button: Element | None = None,
        **changes: Any,
    ) -> Self:
        """Fills in and sends a form. True ticks, False or None unticks, a list is many values.

        Hidden fields and what stands in the others go along unchanged. A `button` may send it
        elsewhere.
        """
        element = form if isinstance(form, Element) else self.form(form)
        fields = filled(element, changes)
        method = element["method"].upper()
        source = button if button and "hx-post" in button else element
        if self.htmx and f"hx-{method.lower()}" in source:
            return self.trigger(source, fields, status=status)
        action = (button.get("formaction") if button else "") or element["action"]
        return self._open(method, action or self.url, fields, {}, status)

    def press(self, button: str, *, status: int = 200, **changes: Any) -> Self:
        """The first button of this text, after filling in the form it belongs to."""
        found = next(one for one in self.root.select("button") if one.text == button)
        form = found.closest("form")
        assert form is not None, f"{found!r} belongs to no form"
        return self.submit(form, status=status, button=found, **changes)

    def change(self, name: str, value: Any, status: int = 200) -> Self:
        """Changes one control on the page and, as htmx, fires the request it carries."""
        control = swap.set_control(self.root, name, value)
        if self.htmx and ("hx-get" in control or "hx-post" in control):
            return self.trigger(control, status=status)
        return self

    def poll(self, status: int = 200) -> bool:
        """Lets every polling block of the content ask once; False when none polls any more."""
        standing = ("trouble-now", "account-state")
        blocks = [e for e in self.root.select("[hx-trigger]") if e.get("id") not in standing]
        polling = [e for e in blocks if "every" in e["hx-trigger"]]
        polling += [e for e in self.root.select("[hx-trigger]") if "load" in e["hx-trigger"]]
        for element in polling:
            self.trigger(element, status=status)
        return bool(polling)

    def trigger(self, element: Element, fields: Fields | None = None, status: int = 200) -> Self:
        """Does what htmx does with an element: asks, then swaps the answer into the page."""
        method = "POST" if "hx-post" in element else "GET"
        url = element[f"hx-{method.lower()}"] or self.url
        if fields is None:
            fields = swap.included(self.root, element)
        headers = {"HX-Request": "true", "HX-Current-URL": urljoin("http://localhost", self.url)}
        return self._open(method, url, fields, headers, status, element)

    def send(
        self, method: str, url: str, headers: dict[str, str] | None = None, **sent: Any
    ) -> TestResponse:
        """One bare request with this person's cookies: nothing followed, only headers checked."""
        # Each gets an application context of its own, as in production: within one that a
        # test holds open, Flask would share `g` and with it who is signed in.
        with self.app.app_context():
            response = self.client.open(url, method=method, headers=headers, **sent)
        check_headers(response)
        return response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        """What a reader sees of the page's content, white space folded."""
        return self.root.one("body").text

    @property
    def title(self) -> str:
        return self.root.one("h1").text

    def select(self, selectors: str) -> list[Element]:
        return self.root.select(selectors)

    def one(self, selector: str) -> Element:
        return self.root.one(selector)

    def _link(self, which: str) -> Element:
        named = [a for a in self.root.select("a[href]") if which in (a.text, a["href"])]
        found = named or ([] if " " in which else self.root.select(which))
        assert found, f"no link {which!r} on {self.url}: {[a.text for a in self.select('a')]}"
        return found[0]

    def _open(
        self,
        method: str,
        url: str,
        fields: Fields,
        headers: dict[str, str],
        status: int,
        source: Element | None = None,
    ) -> Self:
        sent = {"data" if method == "POST" else "query_string": fields} if fields else {}
        response = self.send(method, url, headers, **sent)
        for _ in range(5):
            if response.status_code not in (301, 302, 303, 307, 308):
                break
            url = response.headers["Location"]
            response = self.send("GET", url, headers)
        if target := response.headers.get("HX-Redirect"):
            return self.get(target, status)
        self.response = response
        assert response.status_code == status, f"{url} answered {response.status}: {self._seen()}"
        self._show(response, source)
        return self

    def _show(self, response: TestResponse, source: Element | None) -> None:
        path = response.request.full_path.removesuffix("?")
        if source is None:
            self.url = path
            self.root = parse(response.text)
        else:
            swap.into(self.root, source, response)
            if "hx-push-url" in source or "HX-Push-Url" in response.headers:
                self.url = path
        check_page(self.app, self.root, urlsplit(self.url).path)

    def _seen(self) -> str:
        return " ".join(parse(self.response.text).text.split())[:400]


def filled(form: Element, changes: dict[str, Any]) -> Fields:
    """What a form sends after these changes."""
    fields = swap.values(form)
    names = {e["name"] for e in form.select("[name]")}
    for name, value in changes.items():
        assert name in names, f"the form has no control {name!r}, only {sorted(names)}"
        if value is None or value is False:
            fields.pop(name, None)
        elif value is True:
            box = form.select(f'[name="{name}"]')[0]
            fields[name] = [box.get("value", "on")]
        else:
            many = value if isinstance(value, list | tuple | set) else [value]
            fields[name] = [str(one) for one in many]
    return fields
