"""What the check of the sender is asked, and what one topic tells the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sysmail.diagnosis.lookup import Ip

DIRECT = "direct"
RELAY = "relay"
EXTERNAL = "external"
CAPTURE = "capture"


@dataclass(frozen=True)
class KeyAsked:
    """One of our DKIM keys: where its record is to stand, the record, and the key's state."""

    place: str
    value: str
    state: str


@dataclass(frozen=True)
class Question:
    """`mode` external | direct | relay | capture; `host` the external server or the relay.

    `domain` is the sender's in A-labels; `signs`: mails of this account are signed here.
    """

    address: str
    domain: str
    mode: str
    host: str
    helo: str
    signs: bool
    keys: list[KeyAsked] = field(default_factory=list)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Question:
        """From a job's values."""
        keys = [KeyAsked(**key) for key in values["keys"]]
        return cls(**{**values, "keys": keys})

    @property
    def is_ours(self) -> bool:
        """This machine itself speaks to the recipients' servers."""
        return self.mode == DIRECT


@dataclass
class Seen:
    """`addresses` the mails come from as far as can be seen; `guessed`: not from this machine
    itself but from names. `spf` and `dkim`: whether each vouches for the domain, None unknown."""

    addresses: list[Ip]
    guessed: bool
    spf: bool | None = None
    dkim: bool | None = None
