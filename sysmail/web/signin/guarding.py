"""Guards on Flask-Security's own views, which carry none of ours."""

from __future__ import annotations

import time
from functools import wraps
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue

from sysmail import clock
from sysmail.web import kit
from sysmail.web.guards import View

# Longer than finding somebody and posting a mail takes, so the time tells nothing.
_EVEN_SECONDS = 0.3


def init_app(app: Flask) -> None:
    views: dict[str, Any] = app.view_functions
    for name in ("login", "logout", "reset_password"):
        views[f"security.{name}"] = kit.public(_own(views[f"security.{name}"]))
    views["security.forgot_password"] = kit.public(_evenly(views["security.forgot_password"]))
    for name in ("change_password", "verify"):
        views[f"security.{name}"] = kit.signed_in(views[f"security.{name}"])


def _own(view: View[...]) -> View[...]:
    """Flask-Security's views are shared by all applications of a process: mark a wrapper."""

    @wraps(view)
    def answered(*args: object, **kwargs: object) -> ResponseReturnValue:
        return view(*args, **kwargs)

    return answered


def _evenly(view: View[[]]) -> View[[]]:
    """A POST takes the same time whether somebody has the address or not."""

    @wraps(view)
    def slowed() -> ResponseReturnValue:
        start = clock.monotonic()
        answer = view()
        if request.method == "POST":
            time.sleep(max(0.0, start + _EVEN_SECONDS - clock.monotonic()))
        return answer

    return slowed
