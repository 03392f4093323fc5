"""What a connection check has found, as it travels from the worker to pages and terminals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sysmail.account import CONSENT, RENEWAL
from sysmail.diagnosis.explain import Explanation, explain
from sysmail.smtp import Certificate, Step
from sysmail.words import _

OK, FAILED, SKIPPED = "ok", "failed", "skipped"
RUNNING, WAITING = "running", "waiting"
_LONGEST_NAME = 253


@dataclass(frozen=True)
class Taken:
    """A step that is over: `outcome` ok | failed | skipped, `cause` where it failed."""

    step: str
    outcome: str
    milliseconds: int = 0
    cause: str | None = None


@dataclass(frozen=True)
class Address:
    """One of the host's addresses: `result` answered | refused | timeout | unreachable."""

    address: str
    result: str
    milliseconds: int


@dataclass(frozen=True)
class Token:
    """Asking `server` for an OAuth token, a part of the step auth."""

    server: str
    is_granted: bool
    milliseconds: int


@dataclass(frozen=True)
class Shown:
    """What a certificate says of itself; `expires_at` in ISO 8601, `pem` only to be trusted."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    expires_at: str
    fingerprint: str
    pem: str = ""

    @property
    def fingerprint_in_pairs(self) -> str:
        """As other programs show it."""
        digits = self.fingerprint.upper()
        return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))

    @classmethod
    def of(cls, certificate: Certificate, with_pem: bool = False) -> Shown:
        return cls(
            certificate.subject,
            certificate.issuer,
            tuple(_printable(name) for name in certificate.names),
            certificate.expires_at.isoformat(),
            certificate.fingerprint,
            certificate.pem if with_pem else "",
        )


@dataclass
class Checked:
    """`state` running | ok | failed; `running` is the step under way. `host` is the server
    spoken to. `authority`: who vouches for a certificate that is not trusted, where the server
    says so. `code`, `enhanced` and `words` are the server's refusal, made safe. `login_left`:
    why a login by OAuth was not tried, consent | renewal; what comes after it is skipped then.
    """

    host: str = ""
    port: int = 0
    encryption: str = ""
    mode: str = "external"
    mail_from: str = ""
    rcpt_to: str = ""
    helo: str = ""
    login_left: str = ""
    by_token: bool = False
    token: Token | None = None
    state: str = RUNNING
    running: str | None = None
    order: tuple[str, ...] = tuple(Step)
    steps: list[Taken] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    tls: str | None = None
    certificate: Shown | None = None
    authority: Shown | None = None
    mechanisms: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    starttls_unused: bool = False
    code: int | None = None
    enhanced: str | None = None
    words: str = ""
    milliseconds: int = 0
    transcript: list[str] = field(default_factory=list)

    @property
    def failure(self) -> Taken | None:
        return next((taken for taken in self.steps if taken.outcome == FAILED), None)

    @property
    def cause(self) -> str | None:
        return self.failure.cause if self.failure else None

    @property
    def reply(self) -> str:
        """The server's refusal in its own words, the codes before them."""
        parts = (str(self.code or ""), self.enhanced or "", self.words)
        return " ".join(part for part in parts if part)

    @property
    def login_left_words(self) -> str:
        """Why the login was not tried; "" where it was."""
        if self.login_left == CONSENT:
            return _("The login was not tried: a person consents to it after you click Save.")
        if self.login_left == RENEWAL:
            return _(
                "The login was not tried: its token has ended. The worker fetches a new one for "
                "the settings as saved; save these, or check again soon."
            )
        return ""

    def explained(self) -> Explanation:
        """What the failure means."""
        return explain(
            self.cause,
            host=self.host,
            address=self.rcpt_to,
            words=self.words,
            mode=self.mode,
            code=self.code,
            enhanced=self.enhanced,
            for_check=True,
            by_token=self.by_token,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def _printable(text: str) -> str:
    """Nothing in it changes how a page reads."""
    return "".join(char if char.isprintable() else "?" for char in text)[:_LONGEST_NAME]


def read_checked(report: Mapping[str, Any]) -> Checked:
    """From the JSON of a report; what is not known yet has its default."""
    known = {name: report[name] for name in Checked.__dataclass_fields__ if name in report}
    found = Checked(**known)
    found.order = tuple(found.order)
    found.steps = [Taken(**taken) for taken in report.get("steps", ())]
    found.addresses = [Address(**one) for one in report.get("addresses", ())]
    token = report.get("token")
    found.token = Token(**token) if token else None
    for name in ("certificate", "authority"):
        shown = report.get(name)
        setattr(found, name, Shown(**shown | {"names": tuple(shown["names"])}) if shown else None)
    return found
