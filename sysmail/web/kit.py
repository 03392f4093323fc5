"""What every screen uses: rendering, guards, security headers, error pages, the frame."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, flash, g, request, url_for
from flask_wtf import CSRFProtect
from markupsafe import Markup

from sysmail import clock
from sysmail.config import PORTAL_NAME
from sysmail.web import errors, headers, ids, paging, times
from sysmail.web.guards import (
    administrator,
    ask_for_password,
    fresh_administrator,
    note_password_given,
    page_in_view,
    public,
    signed_in,
    signed_in_within,
)
from sysmail.web.headers import framing, mail_body
from sysmail.web.render import render_page, see_other
from sysmail.words import _, grouped, language, ngettext, pgettext

__all__ = [
    "add_context",
    "administrator",
    "ask_for_password",
    "csrf",
    "flash",
    "framing",
    "fresh_administrator",
    "init_app",
    "mail_body",
    "note_password_given",
    "page_in_view",
    "public",
    "render_page",
    "see_other",
    "signed_in",
    "signed_in_within",
]

csrf = CSRFProtect()
_FRAME = "sysmail.frame"
_ASSETS = "sysmail.assets"
_PARTS = "sysmail.parts"
_MOST_PARTS = 500


def init_app(app: Flask) -> None:
    """Fits an app with all of the above; call it once, before the pages register."""
    headers.init_app(app)
    errors.init_app(app)
    ids.init_app(app)
    # A form lives as long as its session: one left open over lunch loses nothing.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    csrf.init_app(app)
    app.extensions.setdefault(_FRAME, [])
    app.extensions[_ASSETS] = {}
    app.extensions[_PARTS] = {}
    app.jinja_env.globals.update(
        _=_,
        ngettext=ngettext,
        grouped=grouped,
        pgettext=pgettext,
        now=clock.now,
        relative_time=times.relative,
        time_element=times.element,
        since_element=times.since,
        exact_time=times.exact,
        day=times.day,
        language=language.get,
        asset=_asset,
        remembered=_remembered,
        frame=_frame,
        has_page=_has_page,
        page_url=paging.page_url,
        portal_name=lambda: PORTAL_NAME,
    )


def add_context(app: Flask, source: Callable[[], Mapping[str, Any]]) -> None:
    """Adds what the frame shows: `apps` (each with id, name) and `banner_state`.

    Asked only when a whole page is made, so a polled block costs none of its queries.
    `banner_state` is None or a mapping with title, text and optionally action
    (label, url, method).
    """
    app.extensions.setdefault(_FRAME, []).append(source)


def _frame() -> Mapping[str, Any]:
    if "frame" not in g:
        g.frame = {}
        for source in current_app.extensions[_FRAME]:
            g.frame.update(source())
    shown: Mapping[str, Any] = g.frame
    return shown


def _has_page(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _asset(name: str) -> str:
    """The URL of a static file, with its hash, so that it can be cached for ever.

    A page asks some fifty times, for icons mostly.
    """
    known: dict[tuple[str, str], str] = current_app.extensions[_ASSETS]
    key = (request.script_root, name)
    if key not in known:
        version = _hash(Path(current_app.static_folder or "") / name)
        known[key] = url_for("static", filename=name, v=version)
    return known[key]


def _remembered(key: tuple[Any, ...], macro: Callable[..., Markup], *arguments: Any) -> Markup:
    """What the macro prints, made once: `key` must hold all that it depends on, the language
    aside. For parts that are the same on page after page."""
    known: dict[tuple[Any, ...], Markup] = current_app.extensions[_PARTS]
    whole = (language.get(), request.script_root, *key)
    if whole not in known:
        if len(known) >= _MOST_PARTS:
            known.clear()
        known[whole] = macro(*arguments)
    return known[whole]


@cache
def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
