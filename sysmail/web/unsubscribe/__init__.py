"""One-click unsubscribing (RFC 8058): for whoever holds the mail, signed in or not."""

from flask import Flask

from sysmail.web.unsubscribe.routes import blueprint

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Registers the page."""
    app.register_blueprint(blueprint)
