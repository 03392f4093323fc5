"""One template, two answers: the whole page, or for htmx only the blocks that changed."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug import Response as BaseResponse

DEFAULT_BLOCK = "main"


def render_page(template: str, *blocks: str, status: int = 200, **context: object) -> Response:
    """The page, or for htmx only the named blocks of it, one after the other.

    A page that names no block answers htmx with its `main` block, into `#main` and with
    its own URL, so that a redirect to any page ends well.
    """
    if not wants_block():
        blocks_shown: tuple[str, ...] = ()
    else:
        blocks_shown = blocks or (DEFAULT_BLOCK,)
    response = make_response(render_template(template, only_blocks=blocks_shown, **context), status)
    response.vary.add("HX-Request")
    if blocks_shown and not blocks:
        response.headers["HX-Retarget"] = "#main"
        response.headers["HX-Reswap"] = "innerHTML"
        response.headers["HX-Push-Url"] = request.full_path.removesuffix("?")
    return response


def see_other(endpoint: str, **values: object) -> BaseResponse:
    """303 to an endpoint: how every POST that succeeded ends."""
    return redirect(url_for(endpoint, **values), code=303)  # type: ignore[arg-type]


def wants_block() -> bool:
    """Whether htmx asks for a part; when it restores its history it wants the whole page."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers
