"""System Email Failure History, and held e-mail: what did not go, why, and what to do with it."""

from flask import Flask

from sysmail.web import kit
from sysmail.web.failures import held, keeping, resending, routes
from sysmail.web.failures.blueprint import blueprint

__all__ = ["held", "init_app", "keeping", "resending", "routes"]


def init_app(app: Flask) -> None:
    """Registers the pages, and the banner that tells of held e-mail."""
    app.register_blueprint(blueprint)
    kit.add_context(app, held.banner)
