"""How a backup or a restore ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Refused:
    """Nothing was changed; the sentence says why and what to do."""

    message: str


@dataclass(frozen=True)
class BackedUp:
    """A whole copy of the database. `size` is in bytes."""

    file: Path
    size: int


@dataclass(frozen=True)
class Restored:
    """The database is that of the backup. `kept` is the previous one, where there was one.

    `held` deliveries wait for an administrator, `events` of them (things that happened) were
    expanded to get there. `keys_fit`: the keys of this instance open what the backup sealed.
    """

    schema: str
    kept: Path | None
    events: int
    held: int
    keys_fit: bool
