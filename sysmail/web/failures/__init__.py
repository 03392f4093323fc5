"""System Email Failure History: what did not go, why, and sending it again."""

from flask import Flask

from sysmail.web.failures.routes import blueprint

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Registers the page."""
    app.register_blueprint(blueprint)
