"""Rules for a log-in by OAuth 2.0, where nobody typed a password that could be wrong."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Who
from sysmail.words import lazy

RULES = {
    "login_rejected": Rule(
        lazy("%(server)s does not let Sysmail use this mailbox with the token it was given."),
        Who.ADMINISTRATOR,
        lazy(
            "Check that Email Account Name is the address of the mailbox that the application "
            "may use. At Microsoft 365 have an administrator tick “Authenticated SMTP” for the "
            "mailbox and give the application (or the person who consented) a right to it."
        ),
    ),
    "basic_login_disabled": Rule(
        lazy("The mail provider has the login for programs (SMTP AUTH) off for this mailbox."),
        Who.ADMINISTRATOR,
        lazy(
            "OAuth 2.0 needs it too: have an administrator of the provider allow it. At Microsoft "
            "365 that is “Authenticated SMTP” (admin center: Active users, the mailbox, Mail, "
            "Manage email apps); it works after some minutes."
        ),
    ),
    "no_common_mechanism": Rule(
        lazy("%(server)s offers no log-in by OAuth 2.0 (XOAUTH2)."),
        Who.ADMINISTRATOR,
        lazy(
            "Check host name and port number with your provider's help page. If they are right, "
            "choose Password as Log-in on the System Mail Account page."
        ),
    ),
    "password_needed": Rule(
        lazy(
            "The stored client secret was entered for other settings, or can no longer be "
            "opened, so it was not sent."
        ),
        Who.ADMINISTRATOR,
        lazy(
            "Enter the client secret again on the System Mail Account page and save. If the file "
            "fernet-keys of the instance was lost or replaced, put the old one back first."
        ),
    ),
}
