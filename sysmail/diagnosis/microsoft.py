"""Traps of Microsoft 365 and Outlook.com as the account's own server."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Trap, Who
from sysmail.words import lazy

_REFUSED = "refused content_rejected"
_ON_FOR_ONE = lazy(
    "Log in with OAuth 2.0. Or have a Microsoft 365 administrator tick “Authenticated SMTP” for "
    "this mailbox (Microsoft 365 admin center: Active users, the mailbox, Mail, Manage email "
    "apps); it works after some minutes."
)

TRAPS = (
    Trap(
        "microsoft_smtp_off_for_all",
        "basic_login_disabled",
        r"SmtpClientAuthentication is disabled for the Tenant",
        Rule(
            lazy(
                "Microsoft 365 has the login for programs (SMTP AUTH) off for all your mailboxes."
            ),
            Who.ADMINISTRATOR,
            _ON_FOR_ONE,
        ),
    ),
    Trap(
        "microsoft_smtp_off_for_mailbox",
        "basic_login_disabled",
        r"SmtpClientAuthentication is disabled for the Mailbox",
        Rule(
            lazy("Microsoft 365 has the login for programs (SMTP AUTH) off for this mailbox."),
            Who.ADMINISTRATOR,
            _ON_FOR_ONE,
        ),
    ),
    Trap(
        "microsoft_security_defaults",
        "basic_login_disabled login_rejected",
        r"security defaults policy|did not meet the criteria to be authenticated",
        Rule(
            lazy("Your organization's rules at Microsoft 365 forbid a login by password alone."),
            Who.ADMINISTRATOR,
            lazy(
                "Log in with OAuth 2.0. Or have a Microsoft 365 administrator exempt this mailbox "
                "from “security defaults” or from the Conditional Access rule that forbids it."
            ),
        ),
    ),
    Trap(
        "microsoft_wrong_password",
        "basic_login_disabled login_rejected",
        r"the user credentials were incorrect",
        Rule(
            lazy("Microsoft says that account name or password is wrong."),
            Who.ADMINISTRATOR,
            lazy(
                "Enter both again: the account name is the address one signs in to Microsoft "
                "with, not another address of the mailbox. Where signing in takes a second step, "
                "only an app password or OAuth 2.0 works."
            ),
        ),
        like="login_rejected",
    ),
    Trap(
        "microsoft_basic_ended",
        "basic_login_disabled",
        r"basic authentication is (disabled|not supported)",
        Rule(
            lazy("Microsoft no longer lets programs log in to this mailbox with a password."),
            Who.ADMINISTRATOR,
            lazy(
                "Log in with OAuth 2.0 (a sign-in without the mailbox's password), or use another "
                "mail server."
            ),
        ),
    ),
    Trap(
        "microsoft_login_refused",
        "login_rejected",
        r"5\.7\.3 Authentication unsuccessful|^Authentication unsuccessful \[.{1,80}outlook\.com",
        Rule(
            lazy(
                "Microsoft refuses the login: the name or password is wrong, or programs may not "
                "log in to this mailbox."
            ),
            Who.ADMINISTRATOR,
            lazy(
                "Enter both again. If they are right, have a Microsoft 365 administrator tick "
                "“Authenticated SMTP” for this mailbox, or log in with OAuth 2.0."
            ),
        ),
    ),
    Trap(
        "microsoft_send_as",
        "sender_not_allowed",
        r"SendAsDenied|\b5\.7\.60\b|not allowed to send as|permissions? to send as this",
        Rule(
            lazy("Microsoft 365 lets this login send only with the mailbox's own address."),
            Who.ADMINISTRATOR,
            lazy(
                "Enter the mailbox's own address as E-mail address, or have a Microsoft 365 "
                "administrator give the login “Send as” permission for the address you want."
            ),
        ),
    ),
    Trap(
        "microsoft_bad_outbound_sender",
        "sender_not_allowed",
        r"bad outbound sender",
        Rule(
            lazy("Microsoft 365 has blocked this mailbox, since its mail looked like spam."),
            Who.ADMINISTRATOR,
            lazy(
                "Change the mailbox's password, then have a Microsoft 365 administrator take the "
                "mailbox off the list “Restricted entities” (security.microsoft.com)."
            ),
        ),
        like=None,
    ),
    Trap(
        "microsoft_daily_limit",
        f"quota_exceeded {_REFUSED}",
        r"\b5\.1\.90\b|daily limit for message recipients",
        Rule(
            lazy("This mailbox has sent what Microsoft 365 allows in 24 hours."),
            Who.ADMINISTRATOR,
            lazy(
                "The limit is 10,000 recipients in 24 hours, and frees itself bit by bit. If it "
                "happens often, use a mail server made for many mails."
            ),
        ),
    ),
    Trap(
        "microsoft_organization_limit",
        f"quota_exceeded {_REFUSED}",
        r"\b5\.7\.23[23]\b|tenant external recipient rate limit|tenant (has )?exceeded its daily",
        Rule(
            lazy("Your whole organization has sent what Microsoft 365 allows in 24 hours."),
            Who.ADMINISTRATOR,
            lazy(
                "It frees itself bit by bit within a day. A trial has a small limit, which a paid "
                "subscription raises."
            ),
        ),
    ),
    Trap(
        "microsoft_too_many_connections",
        "sending_too_fast",
        r"STOREDRV|thread limit exceeded",
        Rule(
            lazy("Microsoft 365 takes 30 mails a minute from one mailbox, over three connections."),
            Who.NOBODY,
            lazy("Sysmail slows down by itself."),
            passes=True,
        ),
    ),
    Trap(
        "microsoft_organization_blocked",
        f"{_REFUSED} sender_not_allowed ip_blocked",
        r"\b5\.7\.(50[1-3]|70[35]|750)\b|tenant has exceeded threshold|spam abuse detected",
        Rule(
            lazy("Microsoft has stopped mail from your organization, as suspected spam."),
            Who.ADMINISTRATOR,
            lazy(
                "Have a Microsoft 365 administrator ask Microsoft's support to lift the block, "
                "with the server's words below, and look for mailboxes that others use."
            ),
        ),
        like=None,
    ),
    Trap(
        "microsoft_new_organization",
        f"{_REFUSED} ip_blocked",
        r"\b5\.7\.708\b|traffic not accepted from this IP",
        Rule(
            lazy("Microsoft takes no mail yet from your organization, mostly because it is new."),
            Who.ADMINISTRATOR,
            lazy("Have a Microsoft 365 administrator ask Microsoft's support to allow sending."),
        ),
        like=None,
    ),
)
