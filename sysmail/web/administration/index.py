"""The start of Users & System Administration."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from sysmail.web import kit
from sysmail.web.administration.blueprint import blueprint


@blueprint.get("/")
@kit.administrator
def index() -> ResponseReturnValue:
    return kit.render_page("administration/index.html")
