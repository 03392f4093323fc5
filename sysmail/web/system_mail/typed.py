"""What was typed into the account's form, and whether whoever typed it may change the account."""

from __future__ import annotations

from sysmail.account import Problems, Settings
from sysmail.db import db
from sysmail.diagnosis import typed_for, with_typed_secret
from sysmail.web import here, kit
from sysmail.web.signin import confirm_password
from sysmail.web.system_mail.forms import AccountForm
from sysmail.words import _

OPENS_WITHIN = 30
SAVES_WITHIN = 90


def typed(form: AccountForm) -> Settings:
    """The form's settings; a blank password or client secret may stand for the one typed for its
    `check`."""
    check, settings = form.check_id(), form.settings()
    if check is None:
        return settings
    return with_typed_secret(db.session(), here.vault(), settings, check, here.me().id)


def refuse(form: AccountForm, problems: Problems) -> None:
    """Puts each message at its field, and says why the check's secret does not count."""
    for name, told in (("password", _other_place), ("client_secret", _other_application)):
        if name in problems and not form[name].data and _was_typed(form.check_id(), name):
            problems = {**problems, name: told()}
    form.refuse(problems)


def may_change(form: AccountForm) -> bool:
    """Whether the sign-in is recent, or one's own password stands in the form; else says so."""
    return kit.signed_in_within(SAVES_WITHIN) or _gives_own_password(form)


def _was_typed(check: int | None, secret: str) -> bool:
    if check is None:
        return False
    return typed_for(db.session(), here.vault(), check, here.me().id, secret) is not None


def _other_place() -> str:
    return _(
        "Enter the password again. The one typed for the check belongs to the server, account "
        "name and trusted certificates it was typed for, and is not sent anywhere else."
    )


def _other_application() -> str:
    return _(
        "Enter the client secret again. The one typed for the check belongs to the mail server, "
        "account name, trusted certificates and application it was typed for, and is not used "
        "for any other."
    )


def _gives_own_password(form: AccountForm) -> bool:
    own = form.own_password.data or ""
    if own and confirm_password(here.me(), own):
        return True
    wrong = _("This is not your password.") if own else _("Your sign-in is some time ago.")
    form.refuse({"own_password": wrong})
    return False
