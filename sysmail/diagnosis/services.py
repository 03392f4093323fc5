"""Traps of sending services: Amazon SES, SendGrid, Mailgun, Brevo, SparkPost and their kind."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Trap, Who
from sysmail.words import lazy

_SES_CHECK = r"not verified\. The following identities failed|Email address is not verified"
_REFUSED = "refused content_rejected"
_FROM_MAIL = f"sender_not_allowed {_REFUSED}"

TRAPS = (
    Trap(
        "ses_sandbox",
        "sender_not_allowed",
        _SES_CHECK,
        Rule(
            lazy(
                "Amazon SES still has your account in its sandbox: it mails only verified people."
            ),
            Who.ADMINISTRATOR,
            lazy(
                "Ask Amazon for “production access” (SES console, Account dashboard). Until then "
                "verify %(address)s there too, or test with an address that is verified."
            ),
        ),
        like=None,
        names_recipient=True,
    ),
    Trap(
        "ses_not_verified",
        "sender_not_allowed",
        _SES_CHECK,
        Rule(
            lazy("Amazon SES does not know the system's e-mail address as verified."),
            Who.ADMINISTRATOR,
            lazy(
                "Verify the address or its whole domain in the SES console (Identities), in the "
                "region of this server. In Amazon's sandbox the recipients must be verified too."
            ),
        ),
        like=None,
    ),
    Trap(
        "ses_rate",
        "sending_too_fast",
        r"Maximum sending rate exceeded",
        Rule(
            lazy("Amazon SES takes no more mails this second than your account may send."),
            Who.NOBODY,
            lazy("Sysmail slows down by itself."),
            passes=True,
        ),
    ),
    Trap(
        "ses_quota",
        "quota_exceeded",
        r"Daily message quota exceeded",
        Rule(
            lazy("Your Amazon SES account has sent what it may send in 24 hours."),
            Who.ADMINISTRATOR,
            lazy(
                "In the sandbox this is 200 mails: ask Amazon for “production access”. Otherwise "
                "ask for a higher quota (SES console, Account dashboard)."
            ),
        ),
    ),
    Trap(
        "ses_not_authorized",
        f"{_REFUSED} login_rejected",
        r"not authorized to perform.{0,10}ses:Send",
        Rule(
            lazy("This login may not send through Amazon SES."),
            Who.ADMINISTRATOR,
            lazy(
                "Give the login's IAM user the permission ses:SendRawEmail, or create new SMTP "
                "credentials in the SES console and enter those."
            ),
        ),
        like="login_rejected",
    ),
    Trap(
        "ses_paused",
        _REFUSED,
        r"Sending (is )?paused for this account|ability to send email is paused",
        Rule(
            lazy("Amazon has stopped sending for your SES account."),
            Who.ADMINISTRATOR,
            lazy("Read Amazon's mail about it, or the case in the AWS Support Center, and answer."),
        ),
    ),
    Trap(
        "ses_credentials",
        "login_rejected",
        r"Authentication Credentials Invalid",
        Rule(
            lazy("Amazon SES refuses the login."),
            Who.ADMINISTRATOR,
            lazy(
                "Create SMTP credentials in the SES console (SMTP settings) and enter those: AWS "
                "access keys do not fit, and each region has its own."
            ),
        ),
    ),
    Trap(
        "sendgrid_credits",
        "login_try_later quota_exceeded refused login_rejected",
        r"Maximum credits exceeded",
        Rule(
            lazy("Your SendGrid plan's mails are used up, or its payment is due."),
            Who.ADMINISTRATOR,
            lazy("Look at plan and billing in SendGrid; a free trial ends after 60 days."),
        ),
        like=None,
    ),
    Trap(
        "sendgrid_identity",
        _FROM_MAIL,
        r"verified Sender Identity|not authorized to send from that email address",
        Rule(
            lazy("SendGrid does not know the system's e-mail address as one of yours."),
            Who.ADMINISTRATOR,
            lazy("Authenticate its domain, or verify the address, under Sender Authentication."),
        ),
        like=None,
    ),
    Trap(
        "mailgun_sandbox",
        f"{_FROM_MAIL} refused_for_now recipient_try_later content_try_later",
        r"Sandbox subdomains are for test purposes|Free accounts are for test purposes",
        Rule(
            lazy("Your Mailgun account may mail only people it has been told of (a test domain)."),
            Who.ADMINISTRATOR,
            lazy(
                "Add a domain of your own in Mailgun and use its SMTP credentials, or add "
                "%(address)s to the authorized recipients."
            ),
        ),
        like=None,
    ),
    Trap(
        "postmark_pending",
        _FROM_MAIL,
        r"account is (still )?pending approval",
        Rule(
            lazy("Postmark has not yet approved your account: it mails only your own domain."),
            Who.ADMINISTRATOR,
            lazy("Ask for approval in Postmark, or test with a recipient at the sender's domain."),
        ),
        like=None,
    ),
    Trap(
        "unknown_network_address",
        "refused login_rejected server_refuses_us login_required",
        r"Unauthorized IP|IP (address )?(is )?not (yet )?(authori[sz]ed|allowed|whitelisted)",
        Rule(
            lazy(
                "The mail provider lets in only network addresses it was told of, and not this one."
            ),
            Who.ADMINISTRATOR,
            lazy(
                "Add this machine's network address to the allowed ones in your provider's "
                "settings (at Brevo: Security, Authorized IPs)."
            ),
        ),
        like=None,
    ),
    Trap(
        "sending_domain",
        _FROM_MAIL,
        r"Unconfigured Sending Domain|Sending from (the )?domain .{1,100} (is )?not allowed"
        r"|(sender )?domain .{0,80}(is )?not verified",
        Rule(
            lazy("The mail provider does not know the domain of the system's e-mail address."),
            Who.ADMINISTRATOR,
            lazy(
                "Add and verify the domain in your provider's settings; it names DNS lines to set."
            ),
        ),
        like=None,
    ),
)
