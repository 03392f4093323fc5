"""Signing in: the set-up of the first administrator, and what Flask-Security leaves to us."""

from flask import Flask

from sysmail.web import host, throttle
from sysmail.web.signin import entries, guarding, security
from sysmail.web.signin.links import post_link
from sysmail.web.signin.own_password import confirm_password
from sysmail.web.signin.passwords import hashed, password_refusal
from sysmail.web.signin.renewing import keep_me_signed_in
from sysmail.web.signin.routes import blueprint

__all__ = [
    "confirm_password",
    "hashed",
    "init_app",
    "keep_me_signed_in",
    "password_refusal",
    "post_link",
]


def init_app(app: Flask) -> None:
    """Registers set-up and Flask-Security's pages, throttles and the pinned host."""
    host.init_app(app, app.extensions["sysmail.config"])
    throttle.init_app(app)
    security.init_app(app)
    guarding.init_app(app)
    entries.init_app(app)
    app.register_blueprint(blueprint)
