"""An authorization server on loopback: grants, refuses, rotates, forgets (RFC 6749, RFC 7636),
and tells a mail server whether a token is good (RFC 7662).

with AuthorizationServer() as server:
    ...server.authorize_url, server.token_url, server.client_id, server.client_secret...
    server.refuse("invalid_client", "the secret has expired")
    assert server.knows(token)
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support import smtp_tls

Fields = dict[str, str]
_JSON = {"Content-Type": "application/json"}


class AuthorizationServer:
    """`lasts`: seconds a token is good for. `rotates`: each refresh token works once. `asked`:
    the fields of each question, the oldest first. `certificate` (of tests/support/smtp_tls.py)
    makes it speak https. `account_name`: whose tokens a mail server is told they are;
    `introspects`: whether it is told."""

    client_id = "sysmail"
    client_secret = "s3cret & more/+="
    account_name = "portal@example.com"
    introspects = True

    def __init__(self, certificate: str = "") -> None:
        self._scheme = "https" if certificate else "http"
        self.lasts: int | None = 3600
        self.rotates = True
        self.asked: list[Fields] = []
        self._refusal: tuple[int, bytes, Fields] | None = None
        self._access: set[str] = set()
        self._refresh: set[str] = set()
        self._codes: dict[str, Fields] = {}
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if certificate:
            context = smtp_tls.server_context(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> AuthorizationServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"{self._scheme}://localhost:{self._server.server_address[1]}"

    @property
    def authorize_url(self) -> str:
        return f"{self.url}/authorize"

    @property
    def token_url(self) -> str:
        return f"{self.url}/token"

    @property
    def introspection_url(self) -> str:
        return f"{self.url}/introspect"

    def refuse(self, error: str, description: str = "", status: int = 400) -> None:
        body = json.dumps({"error": error, "error_description": description})
        self.answer(status, body.encode(), _JSON)

    def answer(self, status: int, body: bytes = b"", headers: Fields | None = None) -> None:
        """Whatever is asked for, this."""
        self._refusal = (status, body, headers or {})

    def honest(self) -> None:
        self._refusal = None

    def revoke(self) -> None:
        """Every access token so far is void."""
        self._access.clear()

    def knows(self, token: str) -> bool:
        return token in self._access

    def wait_for(self, number: int, seconds: float = 5) -> list[Fields]:
        """What was asked, once it was so often."""
        with self._changed:
            there = self._changed.wait_for(lambda: len(self.asked) >= number, seconds)
            assert there, f"asked {len(self.asked)} times, not {number}"
            return list(self.asked)

    def consent(self, query: Fields) -> str:
        """The redirect of a person who agrees."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        told = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(told)}"

    def introspect(self, asked: Fields) -> tuple[int, bytes, Fields]:
        if not self.introspects:
            return 503, b"", {}
        told = {"active": self.knows(asked["token"]), "username": self.account_name}
        return 200, json.dumps(told).encode(), _JSON

    def token(self, asked: Fields) -> tuple[int, bytes, Fields]:
        with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
        if self._refusal is not None:
            return self._refusal
        wrong = self._wrong(asked)
        status, told = (400, {"error": wrong}) if wrong else (200, self._grant(asked))
        return status, json.dumps(told).encode(), _JSON

    def _wrong(self, asked: Fields) -> str | None:
        known = asked.get("client_id"), asked.get("client_secret")
        if known != (self.client_id, self.client_secret):
            return "invalid_client"
        if asked["grant_type"] == "refresh_token":
            return None if asked["refresh_token"] in self._refresh else "invalid_grant"
        if asked["grant_type"] == "authorization_code":
            return None if self._is_proven(asked) else "invalid_grant"
        return None if asked["grant_type"] == "client_credentials" else "unsupported_grant_type"

    def _is_proven(self, asked: Fields) -> bool:
        began = self._codes.pop(asked["code"], None)
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return began is not None and (began["code_challenge"], began["redirect_uri"]) == (
            proof,
            asked["redirect_uri"],
        )

    def _grant(self, asked: Fields) -> dict[str, Any]:
        access = f"at-{secrets.token_urlsafe(24)}"
        self._access.add(access)
        told: dict[str, Any] = {"access_token": access, "token_type": "Bearer"}
        if self.lasts is not None:
            told["expires_in"] = self.lasts
        renews = asked["grant_type"] == "refresh_token" and self.rotates
        if renews:
            self._refresh.discard(asked["refresh_token"])
        if renews or asked["grant_type"] == "authorization_code":
            told["refresh_token"] = f"rt-{secrets.token_urlsafe(24)}"
            self._refresh.add(told["refresh_token"])
        return told


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A handshake that the other side breaks off is no error here."""


def _handler(server: AuthorizationServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = _flat(urlsplit(self.path).query)
            self._send(302, b"", {"Location": server.consent(query)})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = server.introspect if self.path == "/introspect" else server.token
            self._send(*answer(_flat(body)))

        def _send(self, status: int, body: bytes, headers: Fields) -> None:
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    return Handler


def _flat(text: str) -> Fields:
    return {name: values[0] for name, values in parse_qs(text).items()}
