"""What a connection check is to look at, as it waits sealed for the worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sysmail.account import CONSENT, RENEWAL, Direct, External, Route, Settings, TokenLogin
from sysmail.diagnosis.checked import Checked
from sysmail.smtp import Credentials, Encryption, Endpoint, Envelope, Mode, Trust

KIND = "check"


@dataclass(frozen=True)
class Errand:
    """`settings`: as typed, for the page that shows the outcome. `endpoint`: what is dialled;
    None with capture. `version`: the account's that the form was filled from. `repaired`: what a
    repair did to them, in the words of its button. `login`: how to log in by OAuth where no token
    is kept for these settings; the endpoint has no credentials then."""

    settings: Settings
    endpoint: Endpoint | None
    envelope: Envelope
    version: int = 0
    repaired: str = ""
    login: TokenLogin | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "settings": asdict(self.settings),
            "endpoint": asdict(self.endpoint) if self.endpoint else None,
            "envelope": asdict(self.envelope),
            "version": self.version,
            "repaired": self.repaired,
            "login": self.login.to_json() if self.login else None,
        }

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Errand:
        """What `to_json` made."""
        return cls(
            settings=Settings(**values["settings"]),
            endpoint=_endpoint(values["endpoint"]) if values["endpoint"] else None,
            envelope=Envelope(**values["envelope"]),
            version=values["version"],
            repaired=values["repaired"],
            login=TokenLogin.of_json(login) if (login := values.get("login")) else None,
        )

    def nothing_yet(self) -> Checked:
        """What is known before anything was looked at."""
        found = Checked(mail_from=self.envelope.mail_from, rcpt_to=self.envelope.rcpt_to)
        endpoint = self.endpoint
        if endpoint is None:
            found.mode = "capture"
            return found
        found.host, found.port = endpoint.host, endpoint.port
        found.encryption, found.mode = endpoint.encryption.value, endpoint.mode.value
        found.helo = endpoint.helo_name
        credentials = endpoint.credentials
        found.by_token = bool(self.login or (credentials and credentials.is_token))
        if self.login and self.login.left_out in (CONSENT, RENEWAL):
            found.login_left = self.login.left_out
        return found


def dialled(way: Route, envelope: Envelope) -> Endpoint | None:
    """The server at the end of the way; in direct mode the recipient's domain stands for it."""
    if isinstance(way, External):
        return way.endpoint
    if isinstance(way, Direct):
        return Endpoint(
            host=envelope.domain,
            port=way.port,
            encryption=Encryption.PLAIN,
            helo_name=way.helo,
            private=way.private,
            mode=Mode.DIRECT,
        )
    return None


def _endpoint(values: Mapping[str, Any]) -> Endpoint:
    credentials = values["credentials"]
    return Endpoint(
        **dict(values)
        | {
            "credentials": Credentials(**credentials) if credentials else None,
            "trust": Trust(**values["trust"]),
        }
    )
