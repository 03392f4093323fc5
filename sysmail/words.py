"""Words for people: gettext, dates, numbers, and a Jinja of our own for mails, without Flask."""

from __future__ import annotations

import gettext as _gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import jinja2
import markupsafe
from babel.dates import get_month_names
from babel.numbers import format_decimal

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = Path(__file__).parent / "translations"
DEFAULT_LANGUAGE = "en"
# Each by its own name, as people look for it.
LANGUAGES = {"en": "English", "ja": "日本語"}

language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)
# Whose clock times are told by; None is this machine's.
zone: ContextVar[tzinfo | None] = ContextVar("zone", default=None)


@contextmanager
def speaking(code: str | None, clock_of: tzinfo | None = None) -> Iterator[None]:
    """Text is in this language and time by this clock until the end; None leaves what was."""
    before = language.set(code or language.get()), zone.set(clock_of or zone.get())
    try:
        yield
    finally:
        language.reset(before[0])
        zone.reset(before[1])


@cache
def _catalogue(code: str) -> _gettext.NullTranslations:
    """Read from the .po itself, once a process: there is no compiled file to fall behind it."""
    source = TRANSLATIONS / code / "LC_MESSAGES" / "messages.po"
    if code == DEFAULT_LANGUAGE or code not in LANGUAGES:
        return _gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)


def _(message: str, /, **values: Any) -> str:
    """The message in the current language, with its %(name)s places filled."""
    text = _catalogue(language.get()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """Singular or plural by `num`, which also fills %(num)s."""
    text = _catalogue(language.get()).ngettext(singular, plural, num)
    return text % {"num": num, **values}


def pgettext(context: str, message: str) -> str:
    """A message whose words mean something else elsewhere: `Read`, on a button."""
    return _catalogue(language.get()).pgettext(context, message)


class Lazy:
    """A message that is translated when it is read, for text made at import."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __str__(self) -> str:
        return _(self.message)

    def __html__(self) -> str:
        return str(markupsafe.escape(str(self)))

    def __mod__(self, values: Any) -> str:
        return str(str(self) % values)


def lazy(message: str) -> Lazy:
    """Marks a message for translation and translates it only when shown."""
    return Lazy(message)


def grouped(value: int) -> str:
    """`1,000`, as the language groups digits."""
    return str(format_decimal(value, locale=language.get()))


def date(moment: datetime, width: Literal["abbreviated", "wide"] = "abbreviated") -> str:
    """`3 May 2025`; the day is that of the moment's own zone."""
    month = _month(language.get(), moment.month, width)
    return _("%(day)s %(month)s %(year)s", day=moment.day, month=month, year=moment.year)


def day_of_year(moment: datetime) -> str:
    """`3 May`."""
    month = _month(language.get(), moment.month, "abbreviated")
    return _("%(day)s %(month)s", day=moment.day, month=month)


@lru_cache(maxsize=512)
def _month(code: str, month: int, width: Literal["abbreviated", "wide"]) -> str:
    """Babel's formats cost more than the rest of a line, and a page holds a hundred times."""
    return str(get_month_names(width, locale=code)[month])


@cache
def mail_templates() -> jinja2.Environment:
    """The environment of templates/mail: .html escapes, .txt does not; a missing name fails."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=jinja2.select_autoescape(["html"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.globals["_"] = _
    environment.globals["ngettext"] = ngettext
    return environment
