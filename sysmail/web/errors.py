"""Error pages: what happened and what to do, in words; htmx puts them into the whole `main`."""

from __future__ import annotations

from flask import Flask, Response, current_app, make_response, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from sysmail.db import db
from sysmail.web.naming import name_without_asking
from sysmail.web.render import DEFAULT_BLOCK, render_page, wants_block
from sysmail.words import lazy

_WORDS = {
    400: (
        lazy("This request cannot be read"),
        lazy("Something in it is missing or malformed. Go back and try again."),
    ),
    403: (
        lazy("Not for your account"),
        lazy("This page is for administrators. Ask one of them if you need what it does."),
    ),
    404: (
        lazy("There is nothing here"),
        lazy("The address is wrong, the thing was deleted, or you may not see it."),
    ),
    405: (
        lazy("This address is not a page"),
        lazy("It takes what a form sends. Open the page with the form instead."),
    ),
    413: (
        lazy("That is too much at once"),
        lazy("What you sent is larger than this portal accepts. Shorten it and send it again."),
    ),
    429: (
        lazy("Too many tries"),
        lazy("Wait a little, then try again. Nothing was changed."),
    ),
}
_STALE = (
    lazy("This form is no longer valid"),
    lazy(
        "It was opened before you last signed in or out, or cookies are switched off. "
        "Nothing was changed: go back, reload the page and send it again."
    ),
)


def init_app(app: Flask) -> None:
    """Registers a page for each HTTP error, for a stale form and for our own failure."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(500, _broken)


def _refused(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    heading, explanation = _WORDS.get(error.code, _WORDS[400])
    response = _error_page(error.code, heading, explanation)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _stale_form(error: CSRFError) -> Response:
    return _error_page(400, *_STALE)


def _unfit(_error: DataError) -> Response:
    """The database takes no such value: PostgreSQL, for one, no text with a NUL."""
    db.session.rollback()
    return _error_page(400, *_WORDS[400])


def _error_page(status: int, heading: object, explanation: object) -> Response:
    response = render_page(
        "errors/error.html",
        DEFAULT_BLOCK,
        status=status,
        code=status,
        heading=heading,
        explanation=explanation,
    )
    return _into_main(response)


def _broken(error: object) -> Response:
    """Without context processors: what broke may be the database they would ask."""
    name_without_asking()
    template = current_app.jinja_env.get_template("errors/broken.html")
    only_blocks = (DEFAULT_BLOCK,) if wants_block() else ()
    response = make_response(template.render(only_blocks=only_blocks), 500)
    response.vary.add("HX-Request")
    return _into_main(response)


def _into_main(response: Response) -> Response:
    if "HX-Request" in request.headers:
        response.headers["HX-Retarget"] = "#main"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
