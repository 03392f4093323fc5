"""/healthz: the web process answers. It asks neither worker nor database."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from sysmail.web import kit
from sysmail.web.ops.blueprint import blueprint


@blueprint.get("/healthz")
@kit.public
def healthz() -> ResponseReturnValue:
    """200 as long as this process can answer at all."""
    return Response("ok\n", mimetype="text/plain")
