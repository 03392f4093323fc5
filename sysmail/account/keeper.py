"""The keeper: a thread of the worker that fetches OAuth tokens before they are needed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sysmail.account.account import current
from sysmail.account.authorization import (
    Order,
    awaits_token,
    claim_order,
    settle_fault,
    settle_order,
)
from sysmail.account.granting import Asking, Granted, NotGranted
from sysmail.account.resuming import resume
from sysmail.config import Config
from sysmail.faults import told
from sysmail.vault import Vault

log = logging.getLogger("sysmail.worker")

_REST_SECONDS = 1.0
# The worker nudges at every turn.
_PACE_SECONDS = 0.2
_PARTING_SECONDS = 1.0


class TokenKeeper(threading.Thread):
    """Looks once a second, and at once when nudged. No transaction is open while it asks."""

    def __init__(self, sessions: Callable[[], Session], vault: Vault, config: Config) -> None:
        super().__init__(name="tokens", daemon=True)
        self._sessions = sessions
        self._vault = vault
        self._config = config
        self._nudged = threading.Event()
        self._stopping = threading.Event()
        self._order: Order | None = None

    def run(self) -> None:
        while not self._stopping.is_set():
            self._nudged.clear()
            try:
                self.look()
            except Exception as fault:
                self._survive(fault)
            self._stopping.wait(_PACE_SECONDS)
            self._nudged.wait(_REST_SECONDS)

    def nudge(self) -> None:
        """The account may have been changed; costs nothing."""
        if not self._nudged.is_set():
            self._nudged.set()

    def stop(self) -> None:
        self._stopping.set()
        self._nudged.set()
        if self.ident is not None:
            self.join(_PARTING_SECONDS)

    def is_idle(self) -> bool:
        """Whether nobody waits for a token that is about to be fetched."""
        with self._sessions() as session:
            return not awaits_token(current(session), self._vault)

    def look(self) -> bool:
        """Fetches a token if one is due; whether it did."""
        self._order = None
        try:
            with self._sessions() as session:
                self._order = order = claim_order(session, self._vault)
                session.commit()
            if order is None:
                return False
            self._settle(order, _ask(order, self._config))
        except SQLAlchemyError as error:
            log.warning("tokens wait: the database refuses (%s)", type(error).__name__)
            return False
        return True

    def _survive(self, fault: Exception) -> None:
        """Without it nobody would fetch tokens any more, and mail would stop without a word."""
        log.error("a fault while tokens were looked after, which goes on: %s", told(fault))
        try:
            with self._sessions() as session:
                settle_fault(session, self._order, "internal error, see the log")
                session.commit()
        except SQLAlchemyError as error:
            log.warning("tokens wait: the database refuses (%s)", type(error).__name__)

    def _settle(self, order: Order, answer: Granted | NotGranted) -> None:
        with self._sessions() as session:
            kept = settle_order(session, self._vault, order, answer)
            if kept and isinstance(answer, Granted):
                resume(session)
            session.commit()
        if isinstance(answer, NotGranted):
            log.warning("no token for the mail account: %s (%s)", answer.kind, answer.words)


def _ask(order: Order, config: Config) -> Granted | NotGranted:
    asking = Asking(order.application, order.secret, config)
    if order.refresh_token is not None:
        return asking.again(order.refresh_token)
    return asking.as_itself()
