"""Sysmail: system e-mail for portals, done right. `create_app` knows every blueprint."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from flask import Flask

from sysmail import config as configuration
from sysmail import db as database
from sysmail.config import Config
from sysmail.vault import Vault, new_key, read_or_make, read_private

# Flask-Security would load this for a log-in at other sites: 0.2 s and 12 MiB in every process.
sys.modules["authlib.integrations.flask_client"] = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    "signin",
    "portal",
    "personal_settings",
    "notifications",
    "system_mail",
    "failures",
    "administration",
    "unsubscribe",
    "arrival",
    "ops",
)


def create_app(config: Config | None = None, with_pages: bool = True) -> Flask:
    """The web application; everything it needs lies in `config` and the instance folder.
    A worker does without the pages.

    Raises ConfigError for a wrong setting and KeyTrouble for a key file open to others.
    """
    config = config or configuration.load(os.environ)
    prepare_instance(config)
    app = Flask(
        "sysmail",
        instance_path=str(config.instance),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(
        SECRET_KEY=config.secret_key or read_or_make(config.instance / "secret-key"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        RATELIMIT_ENABLED=config.ratelimit_enabled,
        RATELIMIT_STORAGE_URI=config.ratelimit_storage,
    )
    app.extensions["sysmail.config"] = config
    app.extensions["sysmail.vault"] = open_vault(config)
    database.init_app(app, config.database_url)
    if with_pages:
        _wire(app)
    import_module("sysmail.cli").init_app(app)
    return app


def prepare_instance(config: Config) -> None:
    """Makes the instance folder; only its owner may enter."""
    config.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if config.instance.stat().st_uid == os.getuid():
        config.instance.chmod(0o700)


def open_vault(config: Config) -> Vault:
    """The vault of this installation; its key is made on first start."""
    if config.fernet_keys:
        return Vault(config.fernet_keys)
    path = config.instance / "fernet-keys"
    keys = read_or_make(path, new_key())
    return Vault(tuple(keys.split(",")), lambda: tuple(read_private(path).split(",")))


def _wire(app: Flask) -> None:
    kit = import_module("sysmail.web.kit")
    app.jinja_environment = import_module("sysmail.web.templating").Templates
    # First, so that whatever is refused is refused in words one reads.
    import_module("sysmail.web.speech").init_app(app)
    kit.init_app(app)
    for page in PAGES:
        import_module(f"sysmail.web.{page}").init_app(app)
