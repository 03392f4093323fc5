"""What a worker does beside the mail: bulk retries, totals, and removing what is too old."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.outbox.days import count_tries
from sysmail.outbox.resend import resend_slice
from sysmail.outbox.retention import remove_old

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 0.02
_COUNT_SECONDS = 5.0
_REMOVE_AGAIN_SECONDS = 0.1
_REMOVE_SECONDS = 600.0


class Housekeeping:
    """A worker's own. Each turn is at most one short transaction, which the caller commits."""

    def __init__(self) -> None:
        self._resend_at = self._count_at = self._remove_at = 0.0
        self._removed_to = 0

    def turn(self, session: Session) -> bool:
        """Does what it is time for; whether there is more to do right away."""
        now = clock.monotonic()
        if now >= self._resend_at:
            resent = resend_slice(session)
            self._resend_at = now + (0.0 if resent else _LOOK_SECONDS)
            return resent
        if now >= self._count_at:
            counted = count_tries(session)
            self._count_at = now + (_AGAIN_SECONDS if counted else _COUNT_SECONDS)
        elif now >= self._remove_at:
            self._remove(session, now)
        return False

    def _remove(self, session: Session, now: float) -> None:
        done = remove_old(session, self._removed_to)
        self._removed_to = done.last_id or 0
        is_over = done.last_id is None
        self._remove_at = now + (_REMOVE_SECONDS if is_over else _REMOVE_AGAIN_SECONDS)
