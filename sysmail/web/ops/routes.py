"""/healthz: the web process answers. It asks neither worker nor database."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from sysmail.web import kit

blueprint = Blueprint("ops", __name__)


@blueprint.get("/healthz")
@kit.public
def healthz() -> ResponseReturnValue:
    """200 as long as this process can answer at all."""
    return Response("ok\n", mimetype="text/plain")
