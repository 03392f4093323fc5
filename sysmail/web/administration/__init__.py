"""Users & System Administration: its start, users, audit log, system information."""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from sysmail.web.administration.blueprint import blueprint

_ROUTES = ("index", "users", "rights", "audit_log", "system")


def init_app(app: Flask) -> None:
    """Registers every page of the section."""
    for name in _ROUTES:
        if find_spec(f"{__name__}.{name}"):
            import_module(f"{__name__}.{name}")
    app.register_blueprint(blueprint)
