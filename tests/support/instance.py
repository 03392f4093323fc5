"""Instances for tests: a fresh folder, a real database, no throttles."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from sysmail import config as configuration
from sysmail import create_app
from sysmail.db import Base, db


def make_app(folder: Path, **settings: str) -> Flask:
    """An application on its own SQLite file; settings are SYSMAIL_ names without prefix."""
    environ = {
        "PATH": os.environ["PATH"],
        "SYSMAIL_INSTANCE": str(folder),
        "SYSMAIL_RATELIMIT_ENABLED": "0",
        "SYSMAIL_BUILTIN": "capture",
        **{f"SYSMAIL_{name}": value for name, value in settings.items()},
    }
    app = create_app(configuration.load(environ))
    app.config["TESTING"] = True
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app
