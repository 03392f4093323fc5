"""The shape of an explanation's rule, of a provider's trap, and the four who may have to act."""

from __future__ import annotations

import re
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


@dataclass(frozen=True)
class Trap:
    """What one provider, or one kind of server, means by its words: its rule comes before that
    of the cause.

    `causes`, parted by blanks, are those it may be met under; `says` is a regular expression
    found, whatever the case, in "535 5.7.139 Authentication unsuccessful, …".
    `like` is the cause whose remedy fits; "" means the cause itself, None that no setting helps.
    `names_recipient`: only where the server's words hold the recipient's address.
    """

    name: str
    causes: str
    says: str
    rule: Rule
    like: str | None = ""
    names_recipient: bool = False

    def fits(self, cause: str, said: str, address: str) -> bool:
        """Whether `said`, the codes and words of a reply, is this trap's."""
        if cause not in self.causes.split():
            return False
        if self.names_recipient and (not address or address.lower() not in said.lower()):
            return False
        return re.search(self.says, said, re.IGNORECASE) is not None
