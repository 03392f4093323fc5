"""Users & System Administration: its start, users, audit log, system information."""

from flask import Flask

from sysmail.web import naming
from sysmail.web.administration import audit_log, erasing, index, mails, rights, system, users, why
from sysmail.web.administration.blueprint import blueprint

__all__ = ["init_app"]

_ROUTES = (audit_log, erasing, index, mails, rights, system, users, why)


def init_app(app: Flask) -> None:
    """Registers every page of the section; importing `_ROUTES` has added them to it. The name set
    under Mail Design is every page's."""
    naming.init_app(app)
    app.register_blueprint(blueprint)
