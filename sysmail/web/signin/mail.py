"""Flask-Security's mails go through our outbox, and its addresses through our rules."""

from __future__ import annotations

from typing import Any

from flask_security import EmailValidateException, MailUtil

from sysmail.db import db
from sysmail.notifications import post_account_mail
from sysmail.people import BadAddress, normalise_address
from sysmail.web import here
from sysmail.web.signin.links import post_link
from sysmail.words import language

_RESET = "security/email/reset_instructions"


class Mails(MailUtil):  # type: ignore[misc]
    """Posts and commits at once: Flask-Security commits only some of its views."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        person, spoken = context["user"], language.get()
        if template == _RESET:
            post_link(db.session(), here.vault(), person, spoken)
        else:
            purpose = "password_changed"
            post_account_mail(db.session(), here.vault(), person, purpose, spoken=spoken)
        db.session.commit()

    def normalize(self, email: str) -> str:
        try:
            return normalise_address(email)
        except BadAddress as error:
            raise EmailValidateException(str(error)) from error

    def validate(self, email: str) -> str:
        return self.normalize(email)
