"""What a check of the sender found: sentences with a severity, and DNS lines to copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["ok", "advice", "problem"]
_STRING = 255  # RFC 1035 section 3.3: the longest character string


@dataclass(frozen=True)
class Finding:
    """`text` says what is so, `todo` what to do about it."""

    severity: Severity
    text: str
    todo: str = ""


@dataclass(frozen=True)
class DnsLine:
    """A record to publish: `host` without the root's dot, `value` as one text."""

    host: str
    value: str
    type: str = "TXT"

    @property
    def pieces(self) -> str:
        """The value as zone files want it: quoted, in strings of at most 255 characters."""
        parts = [self.value[at : at + _STRING] for at in range(0, len(self.value), _STRING)]
        return " ".join(f'"{part}"' for part in parts)


@dataclass
class Topic:
    """`name` spf | dkim | dmarc | mx | reverse."""

    name: str
    findings: list[Finding] = field(default_factory=list)
    lines: list[DnsLine] = field(default_factory=list)

    def ok(self, text: str) -> None:
        self.say("ok", text)

    def advice(self, text: str, todo: str = "") -> None:
        self.say("advice", text, todo)

    def problem(self, text: str, todo: str = "") -> None:
        self.say("problem", text, todo)

    def say(self, severity: Severity, text: str, todo: str = "") -> None:
        self.findings.append(Finding(severity, text, todo))

    @property
    def severity(self) -> Severity:
        """The worst of its findings."""
        found = {finding.severity for finding in self.findings}
        return "problem" if "problem" in found else "advice" if "advice" in found else "ok"
