"""Every word for people stands in every language, and nowhere else than in gettext."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import nodes

from sysmail.words import DEFAULT_LANGUAGE, LANGUAGES, TRANSLATIONS, mail_templates
from tests.support.house import ROOT, modules

OTHERS = [code for code in LANGUAGES if code != DEFAULT_LANGUAGE]
_GETTEXT = {"_", "lazy", "ngettext", "pgettext"}
# Names, and what is said to machines in every language.
_NAMES = re.compile(
    r"\b(SPF|DKIM|DMARC|TXT|MX|RSA|Ed25519|SMTP|ms|Python|STARTTLS|SSL|Sysmail)\b"
    r"|name@example\.com|Acme Portal|-----BEGIN CERTIFICATE-----"
)


@cache
def _in_sources() -> Catalog:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {**DEFAULT_KEYWORDS, "lazy": None}
    found = Catalog()
    for _file, _line, id_, _comments, context in extract_from_dir(
        str(ROOT), methods, options, keywords, directory_filter=_holds_sources
    ):
        found.add(id_, context=context)
    return found


def _holds_sources(folder: str | Path) -> bool:
    inner = Path(folder).relative_to(ROOT).parts
    return inner == () or inner[0] in ("sysmail", "templates")


@cache
def _translated(code: str) -> Catalog:
    with (TRANSLATIONS / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)


def _both(code: str) -> Iterator[tuple[Message, Message]]:
    """Every string of the sources with its translation, where there is one."""
    for message in _in_sources():
        other = _translated(code).get(message.id, message.context)
        if message.id and other is not None:
            yield message, other


@pytest.mark.parametrize("code", OTHERS)
def test_every_string_is_translated(code: str) -> None:
    catalogue = _translated(code)
    missing = [
        message.id
        for message in _in_sources()
        if message.id
        and ((other := catalogue.get(message.id, message.context)) is None or not _texts(other)[0])
    ]
    assert missing == [], "run `make words` and translate what stands empty then"


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_left_of_a_string_that_is_gone(code: str) -> None:
    sources = _in_sources()
    left = [m.id for m in _translated(code) if m.id and sources.get(m.id, m.context) is None]
    assert left == [], "run `make words`"


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_a_guess(code: str) -> None:
    assert [other.id for _message, other in _both(code) if other.fuzzy] == []


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_places_of_their_source(code: str) -> None:
    wrong = [
        (text, _texts(message))
        for message, other in _both(code)
        for text in _texts(other)
        if _places(text) != _places(" ".join(_ids(message)))
    ]
    assert wrong == []


def test_only_whole_literal_sentences_are_handed_to_gettext() -> None:
    """What is put together first, or comes from a variable, no catalogue can hold."""
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in modules()
        if path.name != "words.py"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in _GETTEXT
        and not (call.args and isinstance(call.args[0], ast.Constant))
    ]
    assert wrong == []


def test_no_text_is_translated_once_for_all_when_a_module_is_read() -> None:
    """There `lazy` stands, which is translated for each reader."""
    wrong = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in modules()
        for call in _called_at_import(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext")
    ]
    assert wrong == []


def test_templates_hold_no_text_outside_gettext() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {text!r}"
        for path in sorted((ROOT / "templates").rglob("*.*"))
        for text in _bare(path)
        if re.search(r"[A-Za-z]{2}", _NAMES.sub("", text))
    ]
    assert wrong == []


def sources() -> list[str]:
    """Every string as it stands in the sources."""
    return [id_ for message in _in_sources() if message.id for id_ in _ids(message)]


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or "")


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[a-z]", text))


def _called_at_import(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls outside of any function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from _called_at_import(node)


def _bare(path: Path) -> Iterator[str]:
    """What a template shows without asking gettext: its own text, and string literals."""
    tree = mail_templates().parse(path.read_text(encoding="utf-8"))
    data = "".join(_data(tree))
    if path.suffix == ".html":
        shown = _Shown()
        shown.feed(data)
        yield from shown.texts
    else:
        yield data
    yield from (text for text in _literals(tree) if re.search(r"^[A-Z].* \w", text))


def _data(node: nodes.Node) -> Iterator[str]:
    """Blocks such as `body_class` hold no text."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    for child in node.iter_child_nodes():
        if not (isinstance(child, nodes.Block) and child.name.endswith("_class")):
            yield from _data(child)


def _literals(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and getattr(node.node, "name", "") in _GETTEXT:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _literals(child)


class _Shown(HTMLParser):
    """Text and spoken attributes of HTML."""

    mute = ("script", "style", "code", "pre")
    spoken = ("title", "aria-label", "placeholder", "alt", "label")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in self.mute else self._inside
        self.texts += [value or "" for name, value in attrs if name in self.spoken]

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.texts.append(data)
