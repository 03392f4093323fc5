"""A page as a tree, by the standard library's parser, with the selectors tests need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Self

_VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "wbr",
}
_SIMPLE = re.compile(
    r"""(?P<tag>^[a-z][\w-]*|^\*)|\#(?P<id>[\w-]+)|\.(?P<class>[\w-]+)|"""
    r"""\[(?P<attr>[\w:-]+)(?:(?P<op>[\^*$]?=)["']?(?P<value>[^"'\]]*)["']?)?\]"""
)


class Element:
    """One element: `tag`, `attrs` (a missing value is ""), children (elements and text)."""

    def __init__(self, tag: str, attrs: dict[str, str], parent: Element | None = None) -> None:
        self.tag = tag
        self.attrs = attrs
        self.parent = parent
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attrs[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attrs.get(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.attrs

    def __repr__(self) -> str:
        return f"<{self.tag} {' '.join(f'{k}={v!r}' for k, v in self.attrs.items())}>"

    @property
    def text(self) -> str:
        """All text within, white space folded as a reader sees it."""
        return " ".join("".join(self._texts()).split())

    @property
    def raw_text(self) -> str:
        return "".join(self._texts())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, Element):
                yield from child._texts()
                if child.tag not in (
                    "b",
                    "strong",
                    "em",
                    "i",
                    "a",
                    "span",
                    "code",
                    "time",
                    "small",
                ):
                    yield " "
            else:
                yield child

    def walk(self) -> Iterator[Element]:
        """This element's descendants in document order."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def ancestors(self) -> Iterator[Element]:
        parent = self.parent
        while parent is not None:
            yield parent
            parent = parent.parent

    def closest(self, selector: str) -> Element | None:
        chain = (self, *self.ancestors())
        return next((e for e in chain if e.tag != "#root" and _matches(e, selector)), None)

    def select(self, selectors: str) -> list[Element]:
        """Descendants matching any of the comma-separated selectors, in document order."""
        parts = [part.split() for part in selectors.replace(">", " > ").split(",")]
        return [e for e in self.walk() if any(_fits(e, part) for part in parts)]

    def one(self, selector: str) -> Element:
        found = self.select(selector)
        assert len(found) == 1, f"{len(found)} elements match {selector}: {found[:5]}"
        return found[0]

    def replace_children(self, children: list[Element | str]) -> None:
        self.children = children
        for child in children:
            if isinstance(child, Element):
                child.parent = self

    def replace_with(self, nodes: list[Element | str]) -> None:
        assert self.parent is not None
        siblings = self.parent.children
        place = siblings.index(self)
        self.parent.replace_children([*siblings[:place], *nodes, *siblings[place + 1 :]])


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#root", {})
        self._open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> carries an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in _VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.tag == tag, f"</{tag}> closes <{self._open.tag}> at {self.getpos()}"
        assert self._open.parent is not None
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)

    def finish(self) -> Self:
        self.close()
        assert self._open is self.root, f"<{self._open.tag}> is never closed"
        return self


def parse(text: str) -> Element:
    """The tree of a page or a fragment; badly nested markup is an AssertionError."""
    builder = _Builder()
    builder.feed(text)
    return builder.finish().root


def _fits(element: Element, parts: list[str]) -> bool:
    *before, last = parts
    if not _matches(element, last):
        return False
    if not before:
        return True
    if before[-1] == ">":
        parent = element.parent
        return parent is not None and parent.tag != "#root" and _fits(parent, before[:-1])
    return any(_fits(a, before) for a in element.ancestors() if a.tag != "#root")


def _matches(element: Element, simple: str) -> bool:
    position = 0
    for match in _SIMPLE.finditer(simple):
        assert match.start() == position, f"this selector is not understood: {simple}"
        position = match.end()
        if not _has(element, match):
            return False
    assert position == len(simple), f"this selector is not understood: {simple}"
    return True


def _has(element: Element, part: re.Match[str]) -> bool:
    if tag := part["tag"]:
        return tag in ("*", element.tag)
    if part["id"]:
        return element.get("id") == part["id"]
    if part["class"]:
        return part["class"] in element.get("class").split()
    if part["attr"] not in element:
        return False
    value, wanted = element[part["attr"]], part["value"] or ""
    tests = {None: True, "=": value == wanted, "^=": value.startswith(wanted)}
    tests |= {"*=": wanted in value, "$=": value.endswith(wanted)}
    return tests[part["op"]]
