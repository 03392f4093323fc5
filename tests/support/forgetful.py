"""A server that offers PIPELINING and throws away what comes in one piece behind a dot."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

_ANSWERS = {b"EHLO": b"250-hi\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n"}
_END = b"\r\n.\r\n"


class Forgetful:
    """One connection at a time."""

    def __init__(self) -> None:
        self.connections = 0
        self.accepted = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Forgetful:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                with connection, suppress(ConnectionError):
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.sendall(b"220 hi\r\n")
        while block := connection.recv(65536):
            if _END in block:
                self.accepted += 1
                connection.sendall(b"250 queued\r\n")
                continue
            for line in block.splitlines():
                connection.sendall(_ANSWERS.get(line[:4], b"250 ok\r\n"))
