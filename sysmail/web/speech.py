"""In which language and by whose clock a page speaks: the person's, the browser's, the default."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import tzinfo

from flask import Flask, g, request
from flask_babel import Babel
from flask_security import current_user

from sysmail.db import db
from sysmail.preferences import manner_of, zone_of
from sysmail.words import DEFAULT_LANGUAGE, LANGUAGES, language, speaking

# Flask-Security names its Japanese by country.
_LOCALES = {"ja": "ja_JP"}
_MUTE = {"static", "ops"}


def init_app(app: Flask) -> None:
    """Every request but for files and machines speaks so from its beginning to its end.

    Flask-Babel carries the language to WTForms and Flask-Security, whose sentences are theirs.
    """
    Babel(app, locale_selector=_locale, configure_jinja=False)
    app.before_request(_begin)
    app.teardown_request(_end)


def speak_as_chosen() -> None:
    """Takes up the choice as it is stored now, also one that this very request stored."""
    person_id = current_user.id if current_user and current_user.is_authenticated else None
    manner = manner_of(db.session(), person_id)
    chosen = manner.language or _browsers() or manner.default or DEFAULT_LANGUAGE
    _speak(chosen, zone_of(manner.timezone))


def _begin() -> None:
    if (request.endpoint or "").partition(".")[0] not in _MUTE:
        g.speech = ExitStack()
        # First without the database, so that even its failure is told in words one reads.
        _speak(_browsers(), None)
        speak_as_chosen()


def _end(_error: BaseException | None) -> None:
    if "speech" in g:
        g.pop("speech").close()


def _speak(code: str | None, clock_of: tzinfo | None) -> None:
    g.speech.enter_context(speaking(code, clock_of))


def _browsers() -> str | None:
    return request.accept_languages.best_match(LANGUAGES)


def _locale() -> str:
    return _LOCALES.get(language.get(), language.get())
