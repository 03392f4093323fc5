"""What a view needs of the running application: its configuration, its vault, and who asks."""

from __future__ import annotations

from typing import cast

from flask import current_app
from flask_security import current_user

from sysmail.config import Config
from sysmail.people import Person
from sysmail.vault import Vault


def config() -> Config:
    return cast(Config, current_app.extensions["sysmail.config"])


def vault() -> Vault:
    return cast(Vault, current_app.extensions["sysmail.vault"])


def me() -> Person:
    """The signed-in person; only behind a guard."""
    return cast(Person, current_user._get_current_object())
