"""/metrics for Prometheus: the queue, its age, the account, the workers and the ledger."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sysmail import account, outbox
from sysmail.db import db
from sysmail.notifications import ledger
from sysmail.web import here, kit
from sysmail.web.ops.blueprint import blueprint

if TYPE_CHECKING:
    from prometheus_client import Metric

_FORWARDED = ("FORWARDED", "X_FORWARDED_", "X_REAL_IP", "X_CLIENT_IP", "VIA")
_STATES = ("waiting", "queued", "sending", "sent", "failed", "uncertain", "withdrawn", "skipped")


@blueprint.get("/metrics")
@kit.public
def metrics() -> ResponseReturnValue:
    """With SYSMAIL_METRICS_TOKEN for its bearer; without it for this very machine alone."""
    if refused := _refusal():
        return refused
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    try:
        registry.register(_Known(list(_families(db.session()))))
    except SQLAlchemyError:
        return Response("the database cannot be used\n", 503, mimetype="text/plain")
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Known:
    """What was read from the database, as the collector that the client library asks."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(session: Session) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    def gauge(name: str, words: str, value: float) -> Metric:
        return GaugeMetricFamily(f"sysmail_{name}", words, value=value)

    book, now = ledger(session), outbox.pulse(session)
    notices = GaugeMetricFamily(
        "sysmail_notices", "Notices by state; held ones are queued.", labels=["state"]
    )
    for state in _STATES:
        notices.add_metric([state], getattr(book, state))
    tries = CounterMetricFamily("sysmail_attempts", "Tries by outcome.", labels=["outcome"])
    for outcome, count in outbox.attempts_by_outcome(session).items():
        tries.add_metric([outcome], count)
    yield notices
    yield tries
    is_paused = account.health(session).state == account.PAUSED
    yield gauge("held", "Deliveries held until an administrator decides.", book.held)
    yield gauge("oldest_due_seconds", "How long the oldest due delivery waits.", now.late_seconds)
    yield gauge("accepted_per_second", "Accepted in the last 5 minutes.", now.per_second)
    yield gauge("account_paused", "1 while the mail account is paused.", is_paused)
    yield gauge("workers", "Workers seen within 30 seconds.", outbox.workers_alive(session))
    yield gauge("events_waiting", "Events not yet worked on.", book.events_waiting)
    yield gauge("ledger_difference", "Anything but 0 is an alarm.", book.difference)


def _refusal() -> Response | None:
    token = here.config().metrics_token
    if token is None:
        return None if _is_this_machine() else _refuse(403, "only from this machine\n")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode()):
        return None
    refused = _refuse(401, "a bearer token is needed\n")
    refused.headers["WWW-Authenticate"] = "Bearer"
    return refused


def _refuse(status: int, words: str) -> Response:
    return Response(words, status, mimetype="text/plain")


def _is_this_machine() -> bool:
    """A loopback peer that speaks for itself: behind a proxy everybody comes from there."""
    if any(name.removeprefix("HTTP_").startswith(_FORWARDED) for name in _header_names()):
        return False
    try:
        peer = ipaddress.ip_address(request.environ.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    mapped = getattr(peer, "ipv4_mapped", None)
    return (mapped or peer).is_loopback


def _header_names() -> list[str]:
    return [name for name in request.environ if name.startswith("HTTP_")]
