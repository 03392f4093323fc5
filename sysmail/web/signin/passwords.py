"""Passwords: any characters, long enough, kept as argon2 hashes."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app
from flask_security import PasswordUtil, hash_password

from sysmail.words import _

SHORTEST = 8
LONGEST = 1000


class Passwords(PasswordUtil):  # type: ignore[misc]
    """Flask-Security's rule on new passwords: the length, and nothing else."""

    def validate(
        self, password: str, is_register: bool, **kwargs: Any
    ) -> tuple[list[str] | None, str]:
        refusal = password_refusal(password)
        return ([refusal] if refusal else None), self.normalize(password)


def password_refusal(text: str) -> str | None:
    """What is wrong with a new password, in one sentence; None when it will do."""
    if not text:
        return _("Enter a password.")
    if len(text) < SHORTEST:
        return _("A password needs at least %(least)s characters.", least=SHORTEST)
    if len(text) > LONGEST:
        return _("A password may have at most %(most)s characters.", most=LONGEST)
    return None


def hashed(text: str) -> str:
    """The argon2 hash of a password that was not refused; needs an app context."""
    util = current_app.extensions["security"].password_util
    return cast(str, hash_password(util.normalize(text)))
