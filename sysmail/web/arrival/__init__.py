"""Proof of arrival: the page behind a test mail's link, for whoever holds the mail."""

from flask import Flask

from sysmail.web.arrival.routes import blueprint

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Registers the page."""
    app.register_blueprint(blueprint)
