"""The bell in the header, and the page behind it."""

from flask import Flask

from sysmail.web import kit
from sysmail.web.notifications.bell import bell
from sysmail.web.notifications.routes import blueprint

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Registers the page, and the bell of every page."""
    app.register_blueprint(blueprint)
    kit.add_context(app, bell)
