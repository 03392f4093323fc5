"""A mail server that notes when it accepted each mail; slow, so for single mails only."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_REPLIES = {b"EHLO": b"250-clocked\r\n250-PIPELINING\r\n250 SIZE\r\n", b"DATA": b"354 go on\r\n"}


class Clocked(socketserver.ThreadingTCPServer):
    """`accepted_at` holds a monotonic time for each mail."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.accepted_at: list[float] = []
        self.port = int(self.server_address[1])


class _Talk(socketserver.StreamRequestHandler):
    server: Clocked

    def handle(self) -> None:
        self.wfile.write(b"220 clocked\r\n")
        for line in self.rfile:
            verb = line[:4].upper().rstrip()
            self.wfile.write(_REPLIES.get(verb, b"250 ok\r\n"))
            if verb == b"DATA":
                self._content()
            elif verb == b"QUIT":
                return

    def _content(self) -> None:
        while self.rfile.readline() not in (b".\r\n", b""):
            pass
        self.wfile.write(b"250 accepted\r\n")
        self.server.accepted_at.append(time.monotonic())


@contextmanager
def clocked() -> Iterator[Clocked]:
    """One of them, listening."""
    with Clocked() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(5)
