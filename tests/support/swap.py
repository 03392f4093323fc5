"""The little of htmx that `Page` plays: which values go along, where the answer goes."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.support.html import Element, parse

_CONTROLS = "input, select, textarea"


def values(scope: Element) -> dict[str, list[str]]:
    """What the controls in a form (or one control) send as they stand."""
    fields: dict[str, list[str]] = {}
    for control in scope.select(_CONTROLS) or [scope]:
        if "name" in control and "disabled" not in control:
            for value in _values_of(control):
                fields.setdefault(control["name"], []).append(value)
    return fields


def _values_of(control: Element) -> list[str]:
    if control.tag == "textarea":
        # A browser drops the line end right after the tag (HTML, 13.1.2.5).
        return [control.raw_text.removeprefix("\r").removeprefix("\n")]
    if control.tag == "select":
        options = control.select("option")
        chosen = [o for o in options if "selected" in o]
        if not chosen and "multiple" not in control:
            chosen = options[:1]
        return [o.get("value", o.text) for o in chosen]
    if control.get("type") in ("checkbox", "radio"):
        return [control.get("value", "on")] if "checked" in control else []
    if control.get("type") in ("submit", "button", "file"):
        return []
    return [control.get("value")]


def included(root: Element, element: Element) -> dict[str, list[str]]:
    """What htmx sends for an element: its own value and what hx-include names."""
    fields = {} if element.tag == "form" else _own(element)
    scope = element.get("hx-include")
    if element.tag == "form":
        fields = values(element)
    elif scope.startswith("closest "):
        form = element.closest(scope.removeprefix("closest "))
        assert form is not None, f"hx-include of {element!r} finds nothing"
        fields = values(form)
    elif scope and scope != "this":
        for control in root.select(scope):
            fields |= values(control)
    return fields


def _own(element: Element) -> dict[str, list[str]]:
    return values(element) if "name" in element else {}


def set_control(root: Element, name: str, value: Any) -> Element:
    """Changes a control in the tree as a person would; returns the one that was touched."""
    controls = [e for e in root.select(_CONTROLS) if e.get("name") == name]
    assert controls, f"no control is named {name!r}"
    first = controls[0]
    if first.get("type") == "radio":
        for control in controls:
            control.attrs.pop("checked", None)
        first = next(c for c in controls if c.get("value") == value)
        first.attrs["checked"] = ""
    elif first.get("type") == "checkbox":
        first.attrs.pop("checked", None)
        if value:
            first.attrs["checked"] = ""
    elif first.tag == "select":
        for option in first.select("option"):
            option.attrs.pop("selected", None)
            if option.get("value") == value:
                option.attrs["selected"] = ""
    elif first.tag == "textarea":
        first.replace_children([str(value)])
    else:
        first.attrs["value"] = str(value)
    return first


def into(root: Element, source: Element, response: TestResponse) -> None:
    """Puts an answer where htmx would: the target, the title, what is marked out of band."""
    if response.status_code == 204:
        return
    answer = parse(response.text)
    assert not answer.select("body"), "htmx got a whole page: name the block in render_page"
    for title in answer.select("title"):
        root.one("head > title").replace_children(list(title.children))
        title.replace_with([])
    for piece in answer.select("[hx-swap-oob]"):
        style, _, selector = piece.attrs.pop("hx-swap-oob").partition(":")
        piece.replace_with([])
        goal = root.one(selector or f"#{piece['id']}")
        _put(goal, style, [piece] if style in ("true", "outerHTML") else piece.children)
    style = response.headers.get("HX-Reswap") or source.get("hx-swap", "innerHTML").split()[0]
    _put(_target(root, source, response), style, answer.children)


def _target(root: Element, source: Element, response: TestResponse) -> Element:
    wanted = response.headers.get("HX-Retarget") or source.get("hx-target", "this")
    if wanted == "this":
        return source
    if wanted.startswith("closest "):
        found = source.closest(wanted.removeprefix("closest "))
        assert found is not None, f"hx-target {wanted} of {source!r} is nowhere"
        return found
    return root.one(wanted)


def _put(target: Element, style: str, nodes: list[Element | str]) -> None:
    if style == "innerHTML":
        target.replace_children(nodes)
    elif style in ("outerHTML", "true"):
        target.replace_with(nodes)
    elif style == "beforeend":
        target.replace_children([*target.children, *nodes])
    else:
        raise AssertionError(f"hx-swap {style} is not played by the Page client")
