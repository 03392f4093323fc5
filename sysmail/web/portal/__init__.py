"""The portal's pages: apps, records and comments."""

from flask import Flask

from sysmail.portal import pieces
from sysmail.web import kit
from sysmail.web.portal import apps, audience, comments, following, home, records
from sysmail.web.portal.blueprint import blueprint
from sysmail.web.portal.navigation import navigation

__all__ = ["apps", "audience", "comments", "following", "home", "init_app", "records"]


def init_app(app: Flask) -> None:
    """Registers the pages, the apps in the header and how texts with mentions are shown."""
    app.register_blueprint(blueprint)
    app.add_template_filter(pieces, "pieces")
    kit.add_context(app, navigation)
