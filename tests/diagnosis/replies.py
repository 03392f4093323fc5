"""What providers really say, as (trap, phase, reply): written down from their help pages."""

from __future__ import annotations

MICROSOFT = [
    (
        "microsoft_smtp_off_for_all",
        "auth",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
        "Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. "
        "[FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM 2026-01-05T10:00:00.000Z 08DE4C0000000000]",
    ),
    (
        "microsoft_smtp_off_for_mailbox",
        "auth",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
        "Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information.",
    ),
    (
        "microsoft_security_defaults",
        "auth",
        "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security "
        "defaults policy. Contact your administrator.",
    ),
    (
        "microsoft_security_defaults",
        "auth",
        "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be "
        "authenticated successfully. Contact your administrator.",
    ),
    (
        "microsoft_wrong_password",
        "auth",
        "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.",
    ),
    (
        "microsoft_basic_ended",
        "auth",
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
    ),
    (
        "microsoft_basic_ended",
        "auth",
        "550 5.7.30 Basic authentication is not supported for Client Submission.",
    ),
    (
        "microsoft_login_refused",
        "auth",
        "535 5.7.3 Authentication unsuccessful [AM0PR01CA0110.eurprd01.prod.outlook.com]",
    ),
    (
        "microsoft_send_as",
        "dot",
        "554 5.2.252 SendAsDenied; portal@example.com not allowed to send as info@example.com; "
        "STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
    ),
    (
        "microsoft_send_as",
        "mail",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
    ),
    (
        "microsoft_bad_outbound_sender",
        "dot",
        "550 5.1.8 Access denied, bad outbound sender AS(42004)",
    ),
    (
        "microsoft_daily_limit",
        "dot",
        "550 5.1.90 Your message can't be sent because you've reached your daily limit for "
        "message recipients",
    ),
    (
        "microsoft_daily_limit",
        "rcpt",
        "550 5.1.90 Your message can't be sent because you've reached your daily limit for "
        "message recipients",
    ),
    (
        "microsoft_organization_limit",
        "dot",
        "550 5.7.233 Your message can't be sent because your tenant exceeded its daily limit for "
        "sending email to external recipients (tenant external recipient rate limit)",
    ),
    (
        "microsoft_too_many_connections",
        "mail",
        "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
    ),
    (
        "microsoft_organization_blocked",
        "dot",
        "550 5.7.705 Service unavailable. Access denied, tenant has exceeded threshold",
    ),
    (
        "microsoft_organization_blocked",
        "dot",
        "550 5.7.501 Service unavailable. Access denied, spam abuse detected from IP range.",
    ),
    (
        "microsoft_new_organization",
        "dot",
        "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.",
    ),
    (
        "outlook_block_list",
        "mail",
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your "
        "Internet service provider since part of their network is on our block list (S3140).",
    ),
    (
        "outlook_block_list",
        "rcpt",
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your "
        "Internet service provider since part of their network is on our block list (S3150).",
    ),
    (
        "microsoft_banned_address",
        "rcpt",
        "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this "
        "list please visit https://sender.office.com/ and follow the directions.",
    ),
    (
        "microsoft_address_slowed",
        "rcpt",
        "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP "
        "reputation.",
    ),
    (
        "outlook_proofs",
        "dot",
        "550 5.7.515 Access denied, sending domain example.com does not meet the required "
        "authentication level.",
    ),
    (
        "microsoft_no_such_recipient",
        "rcpt",
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
    ),
]

GOOGLE = [
    (
        "google_app_password",
        "auth",
        "534 5.7.9 Application-specific password required. For more information, go to "
        "https://support.google.com/mail/?p=InvalidSecondFactor a1-gsmtp",
    ),
    (
        "google_bad_credentials",
        "auth",
        "535 5.7.8 Username and Password not accepted. For more information, go to "
        "https://support.google.com/mail/?p=BadCredentials a1-gsmtp",
    ),
    (
        "google_web_login",
        "auth",
        "534 5.7.14 <https://accounts.google.com/signin/continue?sarp=1> Please log in via your "
        "web browser and then try again. https://support.google.com/mail/answer/78754 a1-gsmtp",
    ),
    (
        "google_too_many_logins",
        "auth",
        "454 4.7.0 Too many login attempts, please try again later. a1-gsmtp",
    ),
    (
        "google_daily_limit",
        "dot",
        "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending "
        "limits go to https://support.google.com/a/answer/166852 a1-gsmtp",
    ),
    (
        "google_relay_not_registered",
        "rcpt",
        "550 5.7.1 Invalid credentials for relay [192.0.2.1]. The IP address you've registered in "
        "your Workspace SMTP Relay service doesn't match the domain of the account.",
    ),
    (
        "google_user_busy",
        "rcpt",
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly.",
    ),
    (
        "google_address_slowed",
        "dot",
        "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your "
        "IP address [192.0.2.1].",
    ),
    (
        "google_proofs_missing",
        "dot",
        "550 5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail "
        "requires all senders to authenticate with either SPF or DKIM.",
    ),
    (
        "google_proofs_missing",
        "dot",
        "421 4.7.26 Your email has been rate limited because it is unauthenticated.",
    ),
    (
        "google_spam",
        "dot",
        "550 5.7.1 [192.0.2.1 12] Our system has detected that this message is likely unsolicited "
        "mail. To reduce the amount of spam sent to Gmail, this message has been blocked.",
    ),
]

SERVICES = [
    (
        "ses_sandbox",
        "dot",
        "554 Message rejected: Email address is not verified. The following identities failed the "
        "check in region EU-WEST-1: bob@example.org",
    ),
    (
        "ses_not_verified",
        "dot",
        "554 Message rejected: Email address is not verified. The following identities failed the "
        "check in region EU-WEST-1: portal@example.com",
    ),
    ("ses_rate", "dot", "454 Throttling failure: Maximum sending rate exceeded."),
    ("ses_quota", "dot", "454 Throttling failure: Daily message quota exceeded."),
    (
        "ses_not_authorized",
        "dot",
        "554 Access denied: User `arn:aws:iam::123456789012:user/mail' is not authorized to "
        "perform `ses:SendRawEmail' on resource `arn:aws:ses:eu-west-1:123456789012:identity/x'",
    ),
    (
        "ses_paused",
        "dot",
        "554 Sending paused for this account. For more information, please check the inbox of the "
        "email address associated with your AWS account.",
    ),
    ("ses_credentials", "auth", "535 Authentication Credentials Invalid"),
    ("sendgrid_credits", "auth", "451 Authentication failed: Maximum credits exceeded"),
    (
        "sendgrid_identity",
        "dot",
        "550 The from address does not match a verified Sender Identity. Mail cannot be sent "
        "until this error is resolved.",
    ),
    (
        "mailgun_sandbox",
        "dot",
        "421 Domain sandbox1.mailgun.org is not allowed to send: Sandbox subdomains are for test "
        "purposes only. Please add your own domain or add the address to authorized recipients.",
    ),
    (
        "postmark_pending",
        "rcpt",
        "550 5.7.1 While your account is pending approval, all recipient addresses must share the "
        "same domain as the 'From' address.",
    ),
    ("unknown_network_address", "auth", "525 5.7.1 Unauthorized IP address"),
    ("unknown_network_address", "auth", "535 5.7.8 IP not authorized"),
    ("sending_domain", "dot", "550 5.7.1 Unconfigured Sending Domain <example.com>"),
    ("sending_domain", "mail", "550 5.7.1 Sending from domain example.com is not allowed"),
    ("sending_domain", "dot", "550 From header sender domain not verified (example.com)"),
]

SERVERS = [
    (
        "hourly_limit",
        "rcpt",
        "550 Domain example.com has exceeded the max emails per hour (301/300 (100%)) allowed. "
        "Message discarded.",
    ),
    (
        "not_directly",
        "mail",
        "550 5.7.1 [192.0.2.1] The IP you're using to send mail is not authorized to send email "
        "directly to our servers. Please use the SMTP relay at your service provider instead.",
    ),
    (
        "not_directly",
        "rcpt",
        "550 5.7.1 [192.0.2.1] The IP you're using to send mail is not authorized to send email "
        "directly to our servers. Please use the SMTP relay at your service provider instead.",
    ),
    (
        "greylisting",
        "rcpt",
        "450 4.2.0 <bob@example.org>: Recipient address rejected: Greylisted, see "
        "http://postgrey.schweikert.ch/help/example.org.html",
    ),
    ("greylisting", "rcpt", "451 4.7.1 Greylisting in action, please come back in 00:04:59"),
    (
        "mailbox_full_for_now",
        "rcpt",
        "452 4.2.2 The recipient's inbox is out of storage space. a1-gsmtp",
    ),
    (
        "not_logged_in",
        "rcpt",
        "553 5.7.1 <portal@example.com>: Sender address rejected: not logged in",
    ),
    (
        "not_logged_in",
        "rcpt",
        "554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied",
    ),
    ("not_logged_in", "mail", "550 Unauthenticated senders not allowed"),
    ("not_logged_in", "rcpt", "550 Relay access denied - please authenticate"),
    ("sender_cannot_receive", "rcpt", "550 Sender verify failed"),
    (
        "sender_cannot_receive",
        "rcpt",
        "450 4.1.7 <portal@example.com>: Sender address rejected: undeliverable address: unknown",
    ),
    (
        "sender_domain_unknown",
        "rcpt",
        "450 4.1.8 <portal@example.invalid>: Sender address rejected: Domain not found",
    ),
    ("name_refused", "rcpt", "450 4.7.1 <portal>: Helo command rejected: Host not found"),
    (
        "no_reverse_name",
        "rcpt",
        "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]",
    ),
    (
        "no_reverse_name",
        "dot",
        "550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record "
        "setup, or the corresponding forward DNS entry does not match the sending IP.",
    ),
    (
        "yahoo_slowed",
        "mail",
        "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume "
        "or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
    ),
    (
        "yahoo_policy",
        "dot",
        "554 5.7.9 Message not accepted for policy reasons. See "
        "https://postmaster.yahooinc.com/error-codes",
    ),
    (
        "listed_at_the_door",
        "greeting",
        "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in "
        "Spamhaus's list; see https://postmaster.yahooinc.com/error-codes",
    ),
    (
        "listed_at_the_door",
        "mail",
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
    ),
    ("too_many_connections", "greeting", "421 4.7.0 Too many concurrent SMTP connections"),
]

REPLIES = [*MICROSOFT, *GOOGLE, *SERVICES, *SERVERS]
