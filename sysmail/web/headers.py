"""What every response carries: content policy, caching, cookies and size limits."""

from __future__ import annotations

from flask import Flask, Response, request

from sysmail.config import Config

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
)
_LARGEST_REQUEST = 1024 * 1024


def init_app(app: Flask) -> None:
    """Sets cookie flags and size limits, and puts the security headers on every response.

    Only where the public URL is https are cookies Secure (and the session's named
    `__Host-`, RFC 6265bis section 4.1.3.2) and is HSTS sent.
    """
    config: Config | None = app.extensions.get("sysmail.config")
    https = config is not None and config.is_https
    app.config.update(
        SESSION_COOKIE_NAME="__Host-sysmail" if https else "sysmail",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=https,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=app.config["MAX_CONTENT_LENGTH"] or _LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=_LARGEST_REQUEST,
    )
    app.after_request(_secure)
    if https:
        app.after_request(_keep_to_https)


def framing(response: Response) -> Response:
    """Lets this page frame the portal's own responses, as the page around a mail's body does."""
    response.headers["Content-Security-Policy"] = f"{_POLICY}; frame-src 'self'"
    return response


def mail_body(html: str | bytes) -> Response:
    """A captured or previewed mail's body: a response of its own, sandboxed, without script."""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _MAIL_POLICY
    return response


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    elif "v" in request.args and response.status_code == 200:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _keep_to_https(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    return response
