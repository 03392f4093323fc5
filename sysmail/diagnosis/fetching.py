"""A token for a check's log-in, within the time that the check has."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sysmail import clock
from sysmail.account import Granted, NotGranted, TokenLogin
from sysmail.config import Config
from sysmail.smtp import Kind

_LOOK_SECONDS = 0.5


def fetched(
    login: TokenLogin, config: Config, seconds: float, cancelled: Callable[[], bool]
) -> Granted | NotGranted:
    """Waits no longer, and not for an answer that nobody waits for: HTTP has time-outs for each
    read alone, so a server that drips could hold a check for ever."""
    answers: list[Granted | NotGranted] = []
    asking = threading.Thread(
        target=lambda: answers.append(login.fetch(config)), name="check token", daemon=True
    )
    until = clock.monotonic() + seconds
    asking.start()
    while asking.is_alive() and (left := until - clock.monotonic()) > 0 and not cancelled():
        asking.join(min(left, _LOOK_SECONDS))
    if answers:
        return answers[0]
    return NotGranted(Kind.AUTHORIZATION_UNREACHABLE, "no answer in time")
