"""Flask-Security's sentences, in our words."""

from __future__ import annotations

from sysmail.words import lazy

WRONG_PASSWORD = lazy("This is not your password.")
MESSAGES = {
    "MSG_GENERIC_AUTHN_FAILED": (
        lazy("This address and password do not go together, or the account is disabled."),
        "error",
    ),
    "MSG_GENERIC_RECOVERY": (lazy("If somebody has this address, a mail is on its way."), "info"),
    "MSG_PASSWORD_RESET_REQUEST": (
        lazy("If %(email)s belongs to somebody here, a mail with a link is on its way to it."),
        "info",
    ),
    "MSG_PASSWORD_RESET_EXPIRED": (
        lazy("This link is too old. Ask for a new one here."),
        "error",
    ),
    "MSG_INVALID_RESET_PASSWORD_TOKEN": (
        lazy("This link was used already, or it is incomplete. Ask for a new one here."),
        "error",
    ),
    "MSG_PASSWORD_RESET_NO_LOGIN": (lazy("Your password is set. Sign in with it."), "success"),
    "MSG_PASSWORD_CHANGE": (lazy("Your password is changed."), "success"),
    "MSG_PASSWORD_IS_THE_SAME": (lazy("The new password is the one you have."), "error"),
    "MSG_PASSWORD_NOT_PROVIDED": (lazy("Enter a password."), "error"),
    "MSG_EMAIL_NOT_PROVIDED": (lazy("Enter your e-mail address."), "error"),
    "MSG_INVALID_EMAIL_ADDRESS": (lazy("This is not an e-mail address."), "error"),
    "MSG_INVALID_PASSWORD": (WRONG_PASSWORD, "error"),
    "MSG_RETYPE_PASSWORD_MISMATCH": (lazy("The two passwords differ."), "error"),
    "MSG_REAUTHENTICATION_SUCCESSFUL": (lazy("Thank you."), "success"),
    "MSG_INVALID_REDIRECT": (lazy("This link leads away from the portal."), "error"),
}
