"""What machines ask of the web process: is it alive, is it ready, how is the queue?"""

from flask import Flask

from sysmail.web.ops import metrics, readiness, routes
from sysmail.web.ops.blueprint import blueprint

__all__ = ["init_app", "metrics", "readiness", "routes"]


def init_app(app: Flask) -> None:
    """Registers the answers."""
    app.register_blueprint(blueprint)
