"""What a server offers in its reply to EHLO (RFC 5321, section 4.1.1.1)."""

from dataclasses import dataclass, field
from functools import cached_property

from sysmail.smtp.replies import Reply


@dataclass(frozen=True)
class Extensions:
    """Keyword (upper case) → its parameters."""

    offered: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, reply: Reply) -> "Extensions":
        offered: dict[str, str] = {}
        for line in reply.lines[1:]:
            # Old servers write "AUTH=LOGIN" beside or instead of "AUTH LOGIN".
            keyword, _, parameters = line.upper().replace("=", " ").partition(" ")
            offered[keyword] = f"{offered.get(keyword, '')} {parameters}".strip()
        return cls(offered)

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.offered

    @property
    def mechanisms(self) -> set[str]:
        return set(self.offered.get("AUTH", "").split())

    @cached_property
    def size_limit(self) -> int | None:
        """Octets, None where there is no fixed limit (RFC 1870, section 4)."""
        value = self.offered.get("SIZE", "")
        return int(value) or None if value.isascii() and value.isdigit() else None
