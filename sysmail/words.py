"""Words for people: gettext, and a Jinja of our own for mails, both without Flask."""

from __future__ import annotations

import gettext as _gettext
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_LANGUAGE = "en"

language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


@cache
def _catalogue(code: str) -> _gettext.NullTranslations:
    folder = Path(__file__).parent / "translations"
    return _gettext.translation("messages", folder, [code], fallback=True)


def _(message: str, /, **values: Any) -> str:
    """The message in the current language, with its %(name)s places filled."""
    text = _catalogue(language.get()).gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> str:
    """Singular or plural by `num`, which also fills %(num)s."""
    text = _catalogue(language.get()).ngettext(singular, plural, num)
    return text % {"num": num, **values}


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
