"""What is demanded of every page, whichever test opened it. The messages say how to mend."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from tests.support.html import Element

_CONTROLS = "input, select, textarea"
_TOKEN_BEARING = ("/unsubscribe/", "/received/")


def check_headers(response: TestResponse) -> None:
    """The headers every response carries."""
    policy = response.headers.get("Content-Security-Policy", "")
    assert policy.startswith("default-src 'none'"), (
        "no Content-Security-Policy: kit.init_app sets it"
    )
    assert response.headers.get("X-Content-Type-Options") == "nosniff"
    assert response.headers.get("Referrer-Policy") == "same-origin"
    assert response.headers.get("Cache-Control") == "no-store", "this page may be cached"


def check_page(app: Flask, root: Element, path: str) -> None:
    """Everything a whole page must keep."""
    _one_heading(root)
    assert root.one("html").get("lang"), "<html> names no language"
    assert root.one("main").get("id") == "main", "<main> must be #main, where errors are put"
    _unique_ids(root)
    _no_inline_code(root)
    for control in root.select(_CONTROLS):
        _labelled(root, control)
    for thing in root.select("a, button, summary"):
        assert thing.text or thing.get("aria-label"), f"{thing!r} says nothing to a screen reader"
    for form in root.select("form"):
        _form(form)
    for control in root.select("input, select, textarea, button"):
        assert control.closest("form"), f"{control!r} stands outside its form"
    _references(root)
    _links(app, root, path)


def _one_heading(root: Element) -> None:
    headings = root.select("h1")
    assert len(headings) == 1, f"a page has one h1, this one has {len(headings)}"
    title = root.one("head > title").text
    assert title.startswith(headings[0].text), f"the title {title!r} begins with the h1's text"
    assert headings[0].text, "the h1 is empty: fill the block `title`"


def _unique_ids(root: Element) -> None:
    counted = Counter(element["id"] for element in root.walk() if "id" in element)
    twice = [name for name, count in counted.items() if count > 1]
    assert not twice, f"these ids stand twice: {twice}"


def _no_inline_code(root: Element) -> None:
    for element in root.walk():
        assert element.tag != "style", "no <style>: put the rule into static/app.css"
        assert element.tag != "script" or "src" in element, "no inline script"
        for name in element.attrs:
            assert name != "style", f"{element!r} carries style=: use a class of static/app.css"
            assert not name.startswith(("on", "hx-on")), f"{element!r} carries inline script"


def _labelled(root: Element, control: Element) -> None:
    if control.get("type") in ("hidden", "submit"):
        return
    labels = root.select(f'label[for="{control["id"]}"]') if "id" in control else []
    inside = control.closest("label")
    named = control.get("aria-label") or control.get("aria-labelledby")
    assert named or inside or any(label.text for label in labels), f"{control!r} has no label"


def _form(form: Element) -> None:
    assert "action" in form, f"{form!r} has no action"
    assert form.get("method").lower() in ("get", "post"), f"{form!r}: method is get or post"
    if form["method"].lower() == "post" and not form["action"].startswith(_TOKEN_BEARING):
        tokens = form.select('input[name="csrf_token"]')
        assert len(tokens) == 1, f"{form!r} carries {len(tokens)} csrf_token: use the form macro"
        assert tokens[0].get("value"), f"{form!r} has an empty csrf_token"


def _references(root: Element) -> None:
    ids = {element["id"] for element in root.walk() if "id" in element}
    for element in root.walk():
        for name in ("aria-describedby", "aria-labelledby", "for"):
            missing = set(element.get(name).split()) - ids
            assert not missing, f"{name} of {element!r} names {missing}, which is not on the page"
        for name in ("hx-target", "href"):
            target = element.get(name)
            if target.startswith("#") and target != "#":
                assert target[1:] in ids, f"{name}={target} of {element!r} is not on the page"


def _links(app: Flask, root: Element, path: str) -> None:
    for element in root.select("a[href], form, [hx-get], [hx-post]"):
        if element.tag == "a":
            _resolves(app, element["href"], "GET")
        if element.tag == "form":
            _resolves(app, element["action"] or path, element["method"].upper())
        for verb in ("get", "post"):
            if f"hx-{verb}" in element:
                _resolves(app, element[f"hx-{verb}"] or path, verb.upper())


def _resolves(app: Flask, url: str, method: str) -> None:
    parts = urlsplit(url)
    if parts.scheme or parts.netloc or not parts.path:
        assert parts.scheme in ("", "http", "https", "mailto"), f"a strange link: {url}"
        return
    assert parts.path.startswith("/"), f"{url} is relative: use url_for"
    try:
        app.url_map.bind("localhost").match(parts.path, method)
    except RequestRedirect:
        return
    except HTTPException as error:
        raise AssertionError(f"no route answers {method} {url} ({error.code})") from None
