"""What machines ask of the web process: is it alive?"""

from flask import Flask

from sysmail.web.ops.routes import blueprint

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Registers the answers."""
    app.register_blueprint(blueprint)
