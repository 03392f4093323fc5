"""Throttles: how often one place or one person may try; beyond that 429 and an audit entry."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse, parse_many
from limits.errors import ConfigurationError
from limits.strategies import RateLimiter
from werkzeug.exceptions import TooManyRequests

from sysmail import clock
from sysmail.audit import Actor, record
from sysmail.config import ConfigError
from sysmail.db import db

_EXTENSION = "sysmail.limiter"
_TELL = parse("1 per 10 minutes")


def init_app(app: Flask) -> None:
    """One counter store for the app. Raises ConfigError for one that is not there."""
    app.config["RATELIMIT_STRATEGY"] = "moving-window"
    try:
        app.extensions[_EXTENSION] = Limiter(key_func=client_address, app=app)
    except ConfigurationError as error:
        raise ConfigError(f"SYSMAIL_RATELIMIT_STORAGE cannot be used: {error}.") from error


def client_address() -> str:
    """The address the request came from; behind trusted proxies the one they report."""
    return request.remote_addr or "unknown"


@dataclass(frozen=True)
class Throttle:
    """`rates` as in `5 per minute; 30 per hour`, counted for each key apart."""

    name: str
    rates: str

    def check(self, key: str) -> None:
        """Raises TooManyRequests (429 with Retry-After) when nothing is left; counts nothing."""
        self._ask(key, spend=False)

    def count(self, key: str) -> None:
        """Counts one try. Raises TooManyRequests when there was none left."""
        self._ask(key, spend=True)

    def _ask(self, key: str, *, spend: bool) -> None:
        limiter = current_app.extensions[_EXTENSION]
        if not limiter.enabled:
            return
        strategy = cast(RateLimiter, limiter.limiter)
        ask = strategy.hit if spend else strategy.test
        for rate in parse_many(self.rates):
            if not ask(rate, self.name, key):
                self._refuse(strategy, rate, key)

    def _refuse(self, strategy: RateLimiter, rate: RateLimitItem, key: str) -> None:
        """The log is told once in a while, so that hammering does not fill it."""
        if strategy.hit(_TELL, "told", self.name, key):
            details = {"throttle": self.name, "key": key, "address": client_address()}
            record(db.session(), "throttled", Actor(None, ""), details)
            db.session.commit()
        reset = strategy.get_window_stats(rate, self.name, key).reset_time
        wait = math.ceil(reset - clock.now().timestamp())
        raise TooManyRequests(retry_after=max(1, wait))
