"""The vocabulary of the classification table: what a row says, and what it looks at."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sysmail.smtp.trouble import Kind, Phase, Trouble


class Klass(StrEnum):
    SENT = "sent"
    TRANSIENT = "transient"
    PERMANENT = "permanent"
    CONFIG = "config"
    UNCERTAIN = "uncertain"


class Scope(StrEnum):
    """`ACCOUNT_BEFORE_MAIL` stands in the table only: a verdict says account or message."""

    MESSAGE = "message"
    DOMAIN = "domain"
    ACCOUNT = "account"
    PROCESS = "process"
    ACCOUNT_BEFORE_MAIL = "account before MAIL, then message"


Sight = Callable[[Trouble], bool]


@dataclass(frozen=True)
class Row:
    """`alone`: its class at one recipient domain, for account causes at RCPT or after the dot.
    `in_direct_too`: the class and scope stand in direct mode as they are."""

    phases: frozenset[Phase]
    sights: tuple[Sight, ...]
    klass: Klass
    scope: Scope
    cause: str
    alone: Klass = Klass.TRANSIENT
    tries: int = 0
    spread: timedelta | None = None
    in_direct_too: bool = False

    def fits(self, trouble: Trouble) -> bool:
        return trouble.phase in self.phases and any(sight(trouble) for sight in self.sights)


def at(*phases: Phase) -> frozenset[Phase]:
    return frozenset(phases)


def seen(*kinds: Kind) -> Sight:
    """One of the kinds was met."""
    return lambda trouble: trouble.kind in kinds


def said(codes: str, enhanced: str = "", words: str = "", unless: str = "") -> Sight:
    """A reply whose code, enhanced code ("-" stands for none) and words fit the patterns."""
    code_pattern = re.compile(codes)
    enhanced_pattern = re.compile(enhanced or ".*")
    words_pattern = re.compile(words, re.IGNORECASE)
    unless_pattern = re.compile(unless or r"(?!)", re.IGNORECASE)

    def fits(trouble: Trouble) -> bool:
        reply = trouble.reply
        return (
            trouble.kind is Kind.REPLY
            and reply is not None
            and code_pattern.fullmatch(str(reply.code)) is not None
            and enhanced_pattern.fullmatch(reply.enhanced or "-") is not None
            and words_pattern.search(reply.words) is not None
            and unless_pattern.search(reply.words) is None
        )

    return fits


def with_starttls_unused(sight: Sight) -> Sight:
    return lambda trouble: trouble.starttls_unused and sight(trouble)
