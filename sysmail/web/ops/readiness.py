"""/readyz: database, schema and worker fit, so that what is promised here is also sent."""

from __future__ import annotations

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from sysmail.db import db, found_schema, newest_schema
from sysmail.outbox import worker_alive
from sysmail.web import kit
from sysmail.web.ops.blueprint import blueprint

_OK = "ok"


@blueprint.get("/readyz")
@kit.public
def readyz() -> ResponseReturnValue:
    """200 when all three are ok; else 503, each with a reason. Nothing secret is said."""
    checks = _checks()
    status = 200 if set(checks.values()) == {_OK} else 503
    return jsonify(ready=status == 200, **checks), status


def _checks() -> dict[str, str]:
    unknown = "unknown"
    try:
        found = found_schema(db.engine)
    except SQLAlchemyError:
        return {"database": "cannot be used", "schema": unknown, "worker": unknown}
    if found != newest_schema():
        reason = f"at {found or 'none'}, not {newest_schema()}: run flask db upgrade"
        return {"database": _OK, "schema": reason, "worker": unknown}
    return {"database": _OK, "schema": _OK, "worker": _worker()}


def _worker() -> str:
    try:
        return _OK if worker_alive(db.session()) else "none was seen within 30 seconds"
    except SQLAlchemyError:
        return "unknown"
