"""Personal Settings: which e-mail notifications a person wants."""

from flask import Flask

from sysmail.web.personal_settings import address, defaults, leaving, tray
from sysmail.web.personal_settings.routes import blueprint

__all__ = ["address", "defaults", "init_app", "leaving", "tray"]


def init_app(app: Flask) -> None:
    """Registers the page."""
    app.register_blueprint(blueprint)
    app.register_blueprint(tray.blueprint)
