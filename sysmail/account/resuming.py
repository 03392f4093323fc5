"""After a new token: an account that was paused for want of it need not wait for its probe."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account.health import PAUSED, health, try_now
from sysmail.audit import SYSTEM

_MENDED = ("authorization_refused", "login_rejected")


def resume(session: Session) -> None:
    """The next probe is due at once, where a token may mend what paused the account."""
    state, now = health(session), clock.now()
    waits = state.next_probe_at is None or state.next_probe_at > now
    if state.state == PAUSED and state.cause in _MENDED and waits:
        try_now(session, SYSTEM)
