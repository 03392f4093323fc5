"""HTTP to authorization servers: verified TLS, no redirects, bounded answers, and only addresses
that may be dialled."""

from __future__ import annotations

import io
import socket
import ssl
from functools import cache
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NotReached
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from sysmail import clock
from sysmail.smtp import Trouble, reach

SECONDS = 10.0
_SECONDS_IN_ALL = 30.0
_LARGEST = 256 * 1024


class Adapter(HTTPAdapter):
    """For one `requests` session. `private`: private and loopback addresses may be dialled."""

    def __init__(self, ca_file: str | None, private: bool) -> None:
        self._ca_file = ca_file
        self._private = private
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=_context(self._ca_file))
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self._private),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self._private),
        }

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context verifies, by the system's authorities; requests would add its own."""
        conn.cert_reqs = "CERT_REQUIRED"

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Raises requests.RequestException, also for an answer too long or too slow."""
        response = super().send(request, *args, **(kwargs | {"stream": True}))
        try:
            response.raw = io.BytesIO(_bounded(response.raw))
        except HTTPError as error:
            raise NotReached(error, request=request) from error
        return response


def _bounded(answer: BaseHTTPResponse) -> bytes:
    until = clock.monotonic() + _SECONDS_IN_ALL
    kept = bytearray()
    while chunk := answer.read1(8192, decode_content=True):
        kept += chunk
        if len(kept) > _LARGEST or clock.monotonic() > until:
            answer.close()
            raise HTTPError("the answer is too long or too slow")
    answer.release_conn()
    return bytes(kept)


@cache
def _context(ca_file: str | None) -> ssl.SSLContext:
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        made.load_verify_locations(ca_file)
    return made


@cache
def _pool(pool: Any, connection: Any, private: bool) -> Any:
    """A pool class whose connections go only where mail may go too."""

    def dial(self: Any) -> socket.socket:
        found = reach(self.host, self.port, private, SECONDS)
        if isinstance(found, Trouble):
            raise NewConnectionError(self, found.kind)
        found.settimeout(SECONDS)
        return found

    careful = type("Careful", (connection,), {"_new_conn": dial})
    return type("CarefulPool", (pool,), {"ConnectionCls": careful})
