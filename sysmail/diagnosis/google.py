"""Traps of Gmail and Google Workspace, as the account's server and as the recipient's."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Trap, Who
from sysmail.words import lazy

_LATER = "recipient_try_later content_try_later refused_for_now server_busy sending_too_fast"
_REFUSED = "refused content_rejected"
_APP_PASSWORD = lazy(
    "In the Google account of the mailbox turn on 2-Step Verification, create an app password "
    "(myaccount.google.com/apppasswords) and enter its 16 letters as Password. Or log in with "
    "OAuth 2.0."
)

TRAPS = (
    Trap(
        "google_app_password",
        "app_password_required no_common_mechanism",
        r"application-specific password|InvalidSecondFactor",
        Rule(
            lazy("Google asks for an app password, not for the mailbox's own password."),
            Who.ADMINISTRATOR,
            _APP_PASSWORD,
        ),
        like="app_password_required",
    ),
    Trap(
        "google_bad_credentials",
        "login_rejected",
        r"BadCredentials|Username and Password not accepted",
        Rule(
            lazy("Google refuses the login; it always refuses the mailbox's own password."),
            Who.ADMINISTRATOR,
            _APP_PASSWORD,
        ),
        like="app_password_required",
    ),
    Trap(
        "google_web_login",
        "refused login_rejected no_common_mechanism",
        r"\b5\.7\.14\b|log in (via|with) your web browser|WebLoginRequired",
        Rule(
            lazy("Google wants a person to sign in with a browser before a program may log in."),
            Who.ADMINISTRATOR,
            _APP_PASSWORD,
        ),
        like="app_password_required",
    ),
    Trap(
        "google_too_many_logins",
        "login_try_later refused_for_now",
        r"Too many login attempts",
        Rule(
            lazy("Google takes no more logins of this mailbox for a while: there were too many."),
            Who.NOBODY,
            passes=True,
        ),
    ),
    Trap(
        "google_daily_limit",
        "quota_exceeded",
        r"Daily (user )?sending (limit|quota).*(gsmtp|google\.com)",
        Rule(
            lazy("This mailbox has sent what Google allows in 24 hours."),
            Who.ADMINISTRATOR,
            lazy(
                "Gmail allows 500 mails in 24 hours, Google Workspace 2,000 (500 in a trial). If "
                "it happens often, use Google's relay service or another mail server."
            ),
        ),
    ),
    Trap(
        "google_relay_not_registered",
        "relay_denied refused login_required",
        r"Mail relay denied|Invalid credentials for relay",
        Rule(
            lazy("Google's relay service does not know this machine's network address."),
            Who.ADMINISTRATOR,
            lazy(
                "Have a Google Workspace administrator add the address that the server names "
                "below to “SMTP relay service” (Admin console: Apps, Gmail, Routing)."
            ),
        ),
        like=None,
    ),
    Trap(
        "google_user_busy",
        "recipient_try_later sending_too_fast",
        r"receiving mail (too quickly|at a rate)",
        Rule(
            lazy("The mailbox %(address)s gets more mail at the moment than Google lets in."),
            Who.NOBODY,
            passes=True,
        ),
    ),
    Trap(
        "google_address_slowed",
        f"{_LATER} server_refuses_us",
        r"unusual rate of (unsolicited )?(mail|email)|\b4\.7\.28\b",
        Rule(
            lazy("Gmail slows mail from this network address, since much of it looked unwanted."),
            Who.NOBODY,
            lazy("If it stays so, send fewer mails, or use another mail server."),
            passes=True,
        ),
    ),
    Trap(
        "google_proofs_missing",
        f"{_LATER} sender_unauthenticated",
        r"\b[45]\.7\.(26|27|3[0-2])\b|because it is unauthenticated|sender is unauthenticated",
        Rule(
            lazy("Gmail wants proof (SPF or DKIM) that mail of this address comes from you."),
            Who.ADMINISTRATOR,
            lazy(
                "Set up what is missing; the page Notes on Setting Up a System Email Address "
                "tells which, and what to enter."
            ),
        ),
        like="sender_unauthenticated",
    ),
    Trap(
        "google_spam",
        f"{_REFUSED} ip_blocked",
        r"likely (unsolicited|suspicious)|low reputation of the sending",
        Rule(
            lazy("Gmail takes this mail for spam, or thinks little of the address's domain."),
            Who.ADMINISTRATOR,
            lazy(
                "Set up SPF, DKIM and DMARC (the page Notes on Setting Up a System Email Address "
                "tells how); new domains gain trust with time. Other words or links may pass."
            ),
        ),
        like="sender_unauthenticated",
    ),
)
