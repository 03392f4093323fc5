"""The blueprint that the pages of Users & System Administration add their routes to."""

from flask import Blueprint

blueprint = Blueprint("administration", __name__, url_prefix="/admin")
