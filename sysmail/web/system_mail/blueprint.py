"""The blueprint of System Mail Account; each module beside it adds routes."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("system_mail", __name__, url_prefix="/admin")
