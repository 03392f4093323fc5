"""Scheme and host of every URL: those of SYSMAIL_PUBLIC_URL, never those of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from sysmail.config import Config

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
ASKED_FOR = "sysmail.asked_for"


def init_app(app: Flask, config: Config) -> None:
    """Pins host and scheme; behind trusted proxies takes the client's address from them.

    The URL that was asked for stays in the environ under ASKED_FOR, as `http://host:port`,
    so that a page can point out that the public URL differs from it.
    """
    app.config["PREFERRED_URL_SCHEME"] = urlsplit(config.public_url).scheme
    wsgi: Any = pinned(app.wsgi_app, config.public_url)
    if hops := config.proxy_hops:
        wsgi = ProxyFix(wsgi, x_for=hops, x_proto=hops, x_host=0)
    app.wsgi_app = wsgi  # type: ignore[method-assign]


def pinned(wsgi: Wsgi, public_url: str) -> Wsgi:
    """`wsgi` as seen at `public_url`; a path in that URL becomes the script name."""
    parts = urlsplit(public_url)

    def wrapper(environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ[ASKED_FOR] = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}"
        environ["wsgi.url_scheme"] = parts.scheme
        environ["HTTP_HOST"] = parts.netloc
        if parts.path:
            environ["SCRIPT_NAME"] = parts.path
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(parts.path)
        return wsgi(environ, start_response)

    return wrapper
