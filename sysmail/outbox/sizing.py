"""How many mails one claim takes."""

from __future__ import annotations

from sysmail import clock
from sysmail.outbox.claim import Claims
from sysmail.smtp import Scope, Verdict

_SMALLEST, _LARGEST = 4, 128
_ALONE_SECONDS = 10.0


class Sizing:
    """Batches grow with the backlog and shrink when it ends; the next one is claimed when half of
    the last is done. One at a time goes until the account is known to work, and beside a mail
    that was in the hands of a worker when it died, until that one has killed nobody for a while.
    """

    def __init__(self) -> None:
        self._batch = _SMALLEST
        self._proven: int | None = None
        self._alone_until = 0.0

    def learn(self, version: int, verdict: Verdict) -> None:
        """What a try by that version of the account came to."""
        self._proven = version if verdict.scope is Scope.MESSAGE else None
        if verdict.scope is Scope.ACCOUNT:
            self._batch = _SMALLEST

    def is_enough(self, moving: int) -> bool:
        """Whether all goes well, and more moves than what asks for the next batch."""
        return self._proven is not None and moving > self._batch // 2

    def limit(self, version: int | None, is_careful: bool, trying: int, moving: int) -> int:
        """How many may be claimed while so many are tried and so many move; none for 0 or less.
        `version` is the account's, None where mail goes without one."""
        is_proven = version is None or version == self._proven
        if is_careful or not is_proven or clock.monotonic() < self._alone_until:
            return 1 - trying
        return self._batch if moving <= self._batch // 2 else 0

    def note(self, found: Claims, limit: int) -> None:
        """What a claim of so many found."""
        self._alone_until = clock.monotonic() + _ALONE_SECONDS if found.alone else 0.0
        if found.seen >= limit >= self._batch:
            self._batch = min(self._batch * 2, _LARGEST)
        elif found.seen < limit:
            self._batch = max(_SMALLEST, self._batch // 2)
