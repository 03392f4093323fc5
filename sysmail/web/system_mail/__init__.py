"""System Mail Account: its form and fragments, the outcome of its test, notes, captured mail."""

from __future__ import annotations

from flask import Flask

from sysmail.web import kit
from sysmail.web.system_mail import (
    captured,
    check,
    consent,
    dkim,
    form_routes,
    notes,
    now,
    outcome,
    provider_routes,
    received,
    trouble_seen,
)
from sysmail.web.system_mail.banner import banner
from sysmail.web.system_mail.blueprint import blueprint

__all__ = [
    "captured",
    "check",
    "consent",
    "dkim",
    "form_routes",
    "init_app",
    "notes",
    "now",
    "outcome",
    "provider_routes",
    "received",
    "trouble_seen",
]


def init_app(app: Flask) -> None:
    """Registers the pages, and the banner that administrators see on every page."""
    app.register_blueprint(blueprint)
    kit.add_context(app, banner)
