"""An application answering at a real port, from a thread of the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Listens where SYSMAIL_BIND says; gives the address, and ends with the block."""
    host, port = app.extensions["sysmail.config"].bind
    server = make_server(host, port, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
