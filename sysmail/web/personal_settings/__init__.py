"""Personal Settings: which e-mail notifications a person wants."""

from flask import Flask

from sysmail.web.personal_settings.routes import blueprint

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Registers the page."""
    app.register_blueprint(blueprint)
