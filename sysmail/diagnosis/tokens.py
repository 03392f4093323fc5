"""Rules for a log-in by OAuth 2.0, where nobody typed a password that could be wrong."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Trap, Who
from sysmail.words import lazy

_REJECTED = Rule(
    lazy("%(server)s does not let Sysmail use this mailbox with the token it was given."),
    Who.ADMINISTRATOR,
    lazy(
        "Check that Email Account Name is the mailbox that the application (or the person who "
        "consented) may use. At Microsoft 365 have an administrator tick “Authenticated SMTP” for "
        "the mailbox and give the application (or the person) a right to it. Where Scope is typed "
        "by hand, check that it covers sending by SMTP."
    ),
)
RULES = {
    "login_rejected": _REJECTED,
    "app_password_required": _REJECTED,
    "login_required": Rule(
        lazy("%(server)s takes mail only after a login, and the token does not count as one."),
        Who.ADMINISTRATOR,
        lazy(
            "Compare host name and port number with your provider's help page: it must be the "
            "server through which its own mailboxes send."
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

# An error of RFC 6749 begins the words; AADSTS and a number are Microsoft's.
REFUSALS = (
    Trap(
        "token_secret_expired",
        "authorization_refused",
        r"AADSTS7000222\b|secret.{0,60}\bexpired",
        Rule(
            lazy("The application's client secret has expired."),
            Who.ADMINISTRATOR,
            lazy(
                "Make a new client secret where the application is registered (at Microsoft: "
                "entra.microsoft.com, App registrations, Certificates & secrets), and enter its "
                "value as Client secret on the System Mail Account page."
            ),
        ),
    ),
    Trap(
        "token_application",
        "authorization_refused",
        r"^(unauthorized_client|access_denied)|AADSTS(700016|90002|7000112|7000229)\b",
        Rule(
            lazy("The sign-in service does not know this application, or permits it too little."),
            Who.ADMINISTRATOR,
            lazy(
                "Compare Client ID (at Microsoft 365 also Tenant ID) with what was registered, and "
                "have the provider's administrator grant the application its permissions."
            ),
        ),
    ),
    Trap(
        "token_scope",
        "authorization_refused",
        r"^invalid_scope|AADSTS70011\b",
        Rule(
            lazy("The sign-in service does not know the right that Sysmail asks for (its scope)."),
            Who.ADMINISTRATOR,
            lazy(
                "Enter as Scope what your provider's help page names for sending by SMTP; for "
                "Microsoft 365 and Google, choose them under Log in at."
            ),
        ),
    ),
    Trap(
        "token_client",
        "authorization_refused",
        r"^invalid_client|AADSTS7000(215|12)\b",
        Rule(
            lazy("The sign-in service does not accept the client ID with this client secret."),
            Who.ADMINISTRATOR,
            lazy(
                "Enter both again on the System Mail Account page. At Microsoft the client secret "
                "is what stands under “Value”, not the “Secret ID”."
            ),
        ),
    ),
    Trap(
        "token_no_consent",
        "authorization_refused",
        r"^nobody has consented",
        Rule(
            lazy("Nobody has consented yet to Sysmail sending from this mailbox."),
            Who.ADMINISTRATOR,
            lazy("Click Sign in and consent on the System Mail Account page."),
        ),
    ),
    Trap(
        "token_consent",
        "authorization_refused",
        r"^(invalid_grant|consent_required|interaction_required)",
        Rule(
            lazy("The sign-in service does not accept the consent: it has ended or was withdrawn."),
            Who.ADMINISTRATOR,
            lazy("Click Consent again on the System Mail Account page."),
        ),
    ),
    Trap(
        "token_not_lasting",
        "authorization_refused",
        r"^no refresh token",
        Rule(
            lazy("The sign-in service granted a token that cannot be renewed."),
            Who.ADMINISTRATOR,
            lazy(
                "Add to Scope what your provider's help page names for offline access (mostly "
                "offline_access), save, and consent again."
            ),
        ),
    ),
    Trap(
        "token_address",
        "authorization_refused authorization_unreachable",
        r"^HTTP 4(?!08|25|29)|^the answer (is none of|holds no)",
        Rule(
            lazy("What answers at the token address is no sign-in service."),
            Who.ADMINISTRATOR,
            lazy(
                "Compare Token address with your provider's help page; at Microsoft 365 compare "
                "Tenant ID."
            ),
        ),
    ),
)
