"""The blueprint of the portal, and what is the same for all its routes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import NotFound

from sysmail.db import db

blueprint = Blueprint("portal", __name__)
_LARGEST_ID = 2**63 - 1


@blueprint.url_value_preprocessor
def refuse_ids_no_database_holds(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if any(value > _LARGEST_ID for value in (values or {}).values()):
        abort(404)


@blueprint.errorhandler(IntegrityError)
@blueprint.errorhandler(StaleDataError)
def gone(error: Exception) -> ResponseReturnValue:
    """What the request was about has been deleted while it was being written."""
    db.session.rollback()
    current_app.logger.info("Something was written about a thing just deleted.")
    return current_app.handle_http_exception(NotFound())
