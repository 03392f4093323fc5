"""Asking an authorization server for tokens (RFC 6749), in typed values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sysmail.account.application import Application
from sysmail.config import Config
from sysmail.smtp import Kind

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

# RFC 6749, section 5.1, recommends to tell the lifetime; who does not mostly means an hour.
_UNTOLD = timedelta(minutes=30)
_LONGEST = timedelta(days=1)
_WORDS_SHOWN = 300
# RFC 6750, section 2.1.
_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")
# RFC 6749, section 4.1.2.1, and RFC 8628, section 3.5: it may work in a moment.
_PASSING = {"temporarily_unavailable", "server_error", "slow_down"}


@dataclass(frozen=True)
class Granted:
    """`refresh_token` "" where none was given."""

    access_token: str = field(repr=False)
    lasts: timedelta
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class NotGranted:
    """`kind` authorization_refused or authorization_unreachable; `words` may be shown."""

    kind: Kind
    words: str


class Asking:
    """One application's questions, of the worker only. Every verb answers, whatever happens."""

    def __init__(self, app: Application, secret: str | None, config: Config) -> None:
        self._app = app
        self._secret = secret
        self._config = config

    def as_itself(self) -> Granted | NotGranted:
        """RFC 6749, section 4.4."""
        return self._ask("fetch_token", grant_type="client_credentials")

    def again(self, refresh_token: str) -> Granted | NotGranted:
        """RFC 6749, section 6."""
        return self._ask("refresh_token", refresh_token=refresh_token)

    def for_code(self, code: str, verifier: str, redirect_uri: str) -> Granted | NotGranted:
        """RFC 6749, section 4.1.3, with the proof of RFC 7636."""
        return self._ask(
            "fetch_token",
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            redirect_uri=redirect_uri,
        )

    def _ask(self, verb: str, **parameters: str) -> Granted | NotGranted:
        from authlib.integrations.base_client import OAuthError
        from requests import HTTPError, RequestException

        with self._session() as session:
            try:
                ask = getattr(session, verb)
                answer = ask(self._app.token_url, allow_redirects=False, **parameters)
            except OAuthError as error:
                return _refused(str(error.error), str(error.description or ""))
            except HTTPError as error:
                return _unexpected(error.response.status_code if error.response is not None else 0)
            except RequestException as error:
                return _unreachable(_reason(error))
            except (ValueError, TypeError, ArithmeticError, RecursionError):
                return _unreachable("the answer is none of an authorization server")
        return _granted(answer)

    def _session(self) -> OAuth2Session:
        """The secret goes in the body: RFC 6749, section 2.3.1, encodes it in a header in a way
        that many servers do not."""
        from authlib.integrations.requests_client import OAuth2Session

        from sysmail.account.calling import SECONDS, Adapter

        session = OAuth2Session(
            self._app.client_id,
            self._secret,
            token_endpoint_auth_method="client_secret_post" if self._secret else "none",
            scope=self._app.scope or None,
            default_timeout=SECONDS,
        )
        session.trust_env = False
        adapter = Adapter(self._config.ca_file, self._config.smtp_private)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session


def _granted(answer: Any) -> Granted | NotGranted:
    token, kind = answer.get("access_token"), answer.get("token_type", "Bearer")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
        return _unreachable("the answer holds no token")
    refresh = answer.get("refresh_token")
    return Granted(token, _lasts(answer.get("expires_in")), refresh if _is_text(refresh) else "")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def _lasts(told: Any) -> timedelta:
    try:
        seconds = int(told)
    except (TypeError, ValueError):
        return _UNTOLD
    return timedelta(seconds=min(seconds, _LONGEST.total_seconds())) if seconds > 0 else _UNTOLD


def _refused(error: str, description: str) -> NotGranted:
    words = _readable(f"{error}: {description}" if description else error)
    if error in _PASSING:
        return NotGranted(Kind.AUTHORIZATION_UNREACHABLE, words)
    return NotGranted(Kind.AUTHORIZATION_REFUSED, words)


def _unexpected(status: int) -> NotGranted:
    """4xx without words of the protocol: most likely no token endpoint at all."""
    words = f"HTTP {status}"
    if 400 <= status < 500 and status not in (408, 425, 429):
        return NotGranted(Kind.AUTHORIZATION_REFUSED, words)
    return _unreachable(words)


def _unreachable(words: str) -> NotGranted:
    return NotGranted(Kind.AUTHORIZATION_UNREACHABLE, words)


def _reason(error: Exception) -> str:
    from requests import Timeout
    from requests.exceptions import SSLError

    if isinstance(error, SSLError):
        return "its certificate is not trusted"
    return "no answer in time" if isinstance(error, Timeout) else "no connection"


def _readable(text: str) -> str:
    """What a server says is shown, so it is cut and made harmless first."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(shown.split())[:_WORDS_SHOWN]
