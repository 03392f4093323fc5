"""The blueprint of what did not go, or waits for a decision; modules beside it add routes."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("failures", __name__, url_prefix="/admin/system-mail")
