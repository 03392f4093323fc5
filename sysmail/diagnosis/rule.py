"""The shape of an explanation's rule, and the four who may have to act."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sysmail.words import Lazy, lazy


class Who(Enum):
    """Who must act before such a mail can arrive."""

    ADMINISTRATOR = lazy("You, as administrator")
    PROVIDER = lazy("Your mail provider")
    RECIPIENT = lazy("The recipient")
    NOBODY = lazy("Nobody")


@dataclass(frozen=True)
class Rule:
    """What happened, who must act, what a person can do. Sentences may use these places:

    `%(server)s` begins a sentence ("The mail server smtp.example.com"); `%(host)s` stands
    inside one; `%(address)s` is the recipient, `%(domain)s` what follows its @.
    `passes`: such trouble often passes, so the mail is tried again by itself for a while.
    `direct` replaces the rule where the built-in server speaks to the recipient's own.
    """

    happened: Lazy
    who: Who
    todo: Lazy | None = None
    passes: bool = False
    direct: Rule | None = None
