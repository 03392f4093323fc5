"""One try as a page shows it: where it ended, and what the server said."""

from __future__ import annotations

from dataclasses import dataclass

from sysmail.diagnosis import Explanation
from sysmail.outbox import Seen
from sysmail.words import lazy

PHASES = {
    "resolve": lazy("Looking up the server"),
    "connect": lazy("Connecting"),
    "greeting": lazy("Greeting"),
    "ehlo": lazy("Introducing ourselves"),
    "starttls": lazy("Asking for encryption"),
    "tls": lazy("Encrypting"),
    "auth": lazy("Logging in"),
    "mail": lazy("Naming the sender"),
    "rcpt": lazy("Naming the recipient"),
    "data": lazy("Announcing the mail"),
    "dot": lazy("Handing over the mail"),
    "local": lazy("Before any server was asked"),
}
_ENCRYPTIONS = {"plain": lazy("Plain"), "ssl": lazy("SSL"), "starttls": lazy("STARTTLS")}


@dataclass(slots=True)
class Try:
    """One attempt, explained."""

    attempt: Seen
    explanation: Explanation | None

    @property
    def server(self) -> str:
        """Like "smtp.example.com:587"; empty when no server was asked."""
        attempt = self.attempt
        host = f"[{attempt.host}]" if ":" in attempt.host else attempt.host
        return f"{host}:{attempt.port}" if host and attempt.port else host

    @property
    def settings(self) -> str:
        """Like "STARTTLS, SMTP AUTH"."""
        used = str(_ENCRYPTIONS.get(self.attempt.encryption, self.attempt.encryption))
        return f"{used}, SMTP AUTH" if self.attempt.authenticated else used

    @property
    def reply(self) -> str:
        """The server's own words, with the codes before them."""
        attempt = self.attempt
        parts = (str(attempt.code or ""), attempt.enhanced or "", attempt.words)
        return " ".join(part for part in parts if part)

    @property
    def phase(self) -> str:
        return str(PHASES.get(self.attempt.phase, self.attempt.phase))
