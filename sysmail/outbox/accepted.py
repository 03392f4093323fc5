"""Mails that were accepted, written in two statements however many they are.

Row by row the database driver would give way to the courier's threads at every row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    String,
    bindparam,
    cast,
    insert,
    literal,
    null,
    select,
    update,
)

from sysmail.db import Id, UtcTime, json_rows
from sysmail.outbox.courier import Result
from sysmail.outbox.delivery import ATTEMPTS, DELIVERIES, State

_ROWS = json_rows(bindparam("rows", type_=String)).table_valued("value")
_NOW = bindparam("now", type_=UtcTime)
_DELIVERY, _TOKEN, _HASH = range(3)
_TOLD: dict[str, Any] = {
    "code": Integer,
    "enhanced": String,
    "words": String,
    "host": String,
    "port": Integer,
    "mode": String,
    "encryption": String,
    "authenticated": Boolean,
    "tls": String,
    "milliseconds": Integer,
}


def _cell(number: int, kind: Any = String) -> ColumnElement[Any]:
    return cast(_ROWS.c.value.op("->>")(number), kind)


_SENT = (
    update(DELIVERIES)
    .where(DELIVERIES.c.id == _cell(_DELIVERY, Id), DELIVERIES.c.claim_token == _cell(_TOKEN))
    .values(
        state=State.SENT.value,
        settled_at=_NOW,
        sha256=_cell(_HASH),
        cause=null(),
        trouble_at=null(),
        snapshot=null(),
        claim_token=null(),
        worker_id=null(),
    )
)
_VALUES: dict[str, ColumnElement[Any]] = {
    "delivery_id": _cell(_DELIVERY, Id),
    "sha256": _cell(_HASH),
    "at": _NOW,
    "outcome": literal("sent"),
    "scope": literal("message"),
    "phase": literal("dot"),
    "transcript": literal(""),
    **{name: _cell(_HASH + 1 + n, kind) for n, (name, kind) in enumerate(_TOLD.items())},
}
_TRIED = insert(ATTEMPTS).from_select(list(_VALUES), select(*_VALUES.values()))


def write_accepted(connection: Connection, results: Sequence[Result], now: datetime) -> int:
    """Settles them and adds their attempts; for how many the claim still held."""
    values = {"rows": json.dumps([_row(result) for result in results]), "now": now}
    settled = connection.execute(_SENT, values).rowcount
    connection.execute(_TRIED, values)
    return settled


def _row(result: Result) -> list[Any]:
    job, reply, endpoint = result.job, result.outcome and result.outcome.reply, result.endpoint
    return [
        job.delivery_id,
        job.token,
        job.built and job.built.sha256,
        *((reply.code, reply.enhanced, reply.words) if reply else (None, None, "")),
        endpoint.host[:255],
        endpoint.port or None,
        endpoint.mode.value,
        endpoint.encryption.value,
        endpoint.credentials is not None,
        result.tls,
        result.milliseconds,
    ]
