"""P9: what two of the busiest pages cost, against an empty Flask page on the same server."""

from __future__ import annotations

from collections.abc import Iterator

from bench.house import House
from bench.row import Bar, Row, ratios
from bench.scale import Scale
from bench.street import house
from bench.troubled import fill, put_worker
from bench.visitor import Visitor, cookie_of, medians, web
from sysmail.account import Settings, current, save
from sysmail.audit import SYSTEM
from sysmail.db import db

_ANY_PORT = 25
_REQUESTS = 200
_WARM = 20
_EMPTY = "empty"
_SETTINGS = "/admin/system-mail"
_HISTORY = "/admin/system-mail/failures?state=failed"
_ASKED = {_SETTINGS: Bar(7, 5, least=False), _HISTORY: Bar(10, 7, least=False)}
_NAMES = {_SETTINGS: "the settings page", _HISTORY: "50 rows of the failure history"}


def rows(scale: Scale) -> Iterator[Row]:
    """By turns; an external account is set up, 200 mails failed, a worker is there."""
    with house(_ANY_PORT, 10, PUBLIC_URL="http://127.0.0.1:8000") as home:
        _set_up(home)
        put_worker(home)
        fill(home, 200)
        nothing = {name: home.environ[name] for name in ("PATH",)}
        with (
            web(home.environ, "wsgi:app", cookie_of(home)) as ours,
            web(nothing, "bench.empty:app") as empty,
        ):
            yield from _compared(scale, ours, empty)


def _compared(scale: Scale, ours: Visitor, empty: Visitor) -> Iterator[Row]:
    visits = {_EMPTY: (empty, "/"), **{path: (ours, path) for path in _ASKED}}
    medians(visits, _WARM)
    taken = [medians(visits, _REQUESTS) for _ in range(scale.rounds)]
    floor = [seconds[_EMPTY] for seconds in taken]
    for path, asked in _ASKED.items():
        page = [seconds[path] for seconds in taken]
        notes = [f"{min(page) * 1000:.1f} ms; an empty page takes {min(floor) * 1000:.2f} ms"]
        yield Row("P9", f"{_NAMES[path]}, p50", ratios(page, floor), asked, notes)


def _set_up(home: House) -> None:
    with home.app.app_context():
        session, vault = db.session(), home.app.extensions["sysmail.vault"]
        settings = Settings(
            mail_server="external",
            email_address="portal@example.com",
            smtp_host="smtp.example.com",
            smtp_port="587",
            encryption="starttls",
        )
        config, version = home.app.extensions["sysmail.config"], current(session).version
        save(session, vault, config, SYSTEM, settings, version)
        session.commit()
