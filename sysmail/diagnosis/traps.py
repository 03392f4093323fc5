"""All traps in the order they are tried: the first that fits counts."""

from __future__ import annotations

from sysmail.diagnosis import google, microsoft, outlook, refusals, services, tokens
from sysmail.diagnosis.rule import Trap

TRAPS: tuple[Trap, ...] = (
    *microsoft.TRAPS,
    *outlook.TRAPS,
    *google.TRAPS,
    *services.TRAPS,
    *refusals.TRAPS,
)


def trap_of(cause: str, said: str, address: str = "") -> Trap | None:
    """The trap that a server's codes and words belong to, met under `cause`."""
    traps = (*TRAPS, *tokens.REFUSALS)
    return next((trap for trap in traps if trap.fits(cause, said, address)), None)
