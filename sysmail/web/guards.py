"""Who may open a route. Every route carries exactly one guard, named in `view._guard`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import auth_required, current_user
from flask_security.utils import check_and_update_authn_fresh
from werkzeug import Response

from sysmail import clock

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]


def public(view: View[P]) -> View[P]:
    """Open to everyone."""
    return _marked(view, view, "public")


def signed_in(view: View[P]) -> View[P]:
    """Open to everyone signed in; others are led to the sign-in page and back."""
    return _marked(_authenticated(view), view, "signed_in")


def administrator(view: View[P]) -> View[P]:
    """Open to administrators; others signed in get 403."""
    return _marked(_authenticated(_administrators_only(view)), view, "administrator")


def fresh_administrator(minutes: int) -> Callable[[View[P]], View[P]]:
    """Open to administrators who gave their password within `minutes`; else it is asked again."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def recent(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not signed_in_within(minutes):
                return ask_for_password()
            return view(*args, **kwargs)

        return _marked(_authenticated(_administrators_only(recent)), view, "fresh_administrator")

    return guard


def signed_in_within(minutes: int) -> bool:
    """Whether the password was given within `minutes`."""
    within = timedelta(minutes=minutes)
    return bool(check_and_update_authn_fresh(within, timedelta(0), "session"))


def ask_for_password() -> Response:
    """Leads to the page that asks for one's password, and back to the page in view."""
    return _lead_to("security.verify")


def note_password_given() -> None:
    """Makes the sign-in recent again, after one's own password was checked in another form."""
    session["fs_paa"] = clock.now().timestamp()


def _authenticated(view: View[P]) -> View[P]:
    """Ours answers before Flask-Security's, which knows no htmx: 401 with HX-Redirect."""
    checked = auth_required("session")(view)

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return _lead_to("security.login")
        answer: ResponseReturnValue = checked(*args, **kwargs)
        return answer

    return guarded


def _administrators_only(view: View[P]) -> View[P]:
    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_administrator:
            abort(403)
        return view(*args, **kwargs)

    return checked


def _marked(guarded: Any, view: View[P], guard: str) -> View[P]:
    if existing := getattr(view, "_guard", None):
        raise TypeError(f"{view.__name__} is guarded twice: by {existing} and by {guard}.")
    guarded._guard = guard
    result: View[P] = guarded
    return result


def _lead_to(endpoint: str) -> Response:
    target = url_for(endpoint, next=page_in_view())
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": target, "Vary": "HX-Request"})
    response = redirect(target)
    response.vary.add("HX-Request")
    return response


def page_in_view() -> str:
    """The page to come back to: never a URL that only takes POSTs, nor only a page's block."""
    if "HX-Request" in request.headers:
        shown = request.headers.get("HX-Current-URL", "")
    elif request.method == "GET":
        shown = request.full_path.removesuffix("?")
    else:
        shown = request.referrer or ""
    parts = urlsplit(shown)
    path = "/" + parts.path.lstrip("/\\")
    return f"{path}?{parts.query}" if parts.query else path
