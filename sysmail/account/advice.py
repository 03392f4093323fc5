"""What to know of a provider before logging in there: words of providers.toml as sentences."""

from __future__ import annotations

from sysmail.words import lazy

LOGINS = {
    "address": lazy("Account name: the whole e-mail address. Password: the mailbox's own."),
    "name": lazy("Account name: what stands before the @. Password: the mailbox's own."),
    "app_password": lazy(
        "Account name: the whole e-mail address. Password: an app password, made in the "
        "provider's security settings; the mailbox's own is refused."
    ),
    "app_password_or_oauth": lazy(
        "Account name: the whole e-mail address. Password: an app password (16 letters), since "
        "the mailbox's own is refused; or log in with OAuth 2.0."
    ),
    "address_or_oauth": lazy(
        "Account name: the address one signs in to Microsoft with. OAuth 2.0 is the way to log "
        "in; a password works only where your organization still allows it."
    ),
    "oauth": lazy("Account name: the whole e-mail address. Only OAuth 2.0 works as login."),
    "api_key": lazy("Account name: as filled in. Password: an API key made there."),
    "smtp_key": lazy("Account name: the SMTP login shown there. Password: an SMTP key."),
    "smtp_credentials": lazy(
        "Account name and password: SMTP credentials made there, not those you sign in with."
    ),
    "server_token": lazy("Account name and password: both are the server's API token."),
    "key_and_secret": lazy(
        "Account name: the API key. Password: the secret key that goes with it."
    ),
    "smtp_token": lazy(
        "Account name: the whole e-mail address. Password: an SMTP token made there."
    ),
}

TRAPS = {
    "microsoft_passwords_end": lazy(
        "Microsoft switches logins by password off, by default from the end of December 2026; "
        "OAuth 2.0 goes on working."
    ),
    "microsoft_smtp_switch": lazy(
        "“Authenticated SMTP” must be ticked for this mailbox in the Microsoft 365 admin center "
        "(Active users, the mailbox, Mail, Manage email apps)."
    ),
    "oauth_only": lazy("Passwords and app passwords are no longer accepted here, only OAuth 2.0."),
    "google_second_step": lazy(
        "App passwords exist only where 2-Step Verification is on "
        "(myaccount.google.com/apppasswords)."
    ),
    "second_step": lazy("Where signing in takes a second step, an app password is needed."),
    "own_address": lazy("The sender must be the mailbox's own address or an alias of it."),
    "verified_sender": lazy("The sender's address or domain must be verified there first."),
    "ses_sandbox": lazy(
        "A new account is in a sandbox: until Amazon grants “production access” it mails only "
        "verified people, 200 mails a day."
    ),
    "same_region": lazy("SMTP credentials belong to one region: choose the server of the same."),
    "test_domain": lazy("A sandbox domain mails only people entered there: add a domain of yours."),
    "approval": lazy("Until the account is approved, it mails only the sender's own domain."),
    "allowed_addresses": lazy(
        "Logins from a network address it does not know are refused: allow this machine's under "
        "Security, Authorized IPs."
    ),
    "smtp_switch": lazy(
        "Sending by other programs must be allowed in the mailbox's settings first."
    ),
    "own_host": lazy("The server has a name of your own: the provider's welcome mail tells it."),
    "abroad": lazy(
        "Logins from outside Japan are refused unless the control panel allows them for the "
        "mailbox or domain."
    ),
    "own_domain": lazy("Only addresses at a domain of your own can send this way."),
    "paid_host_zoho": lazy("Paid organizations use smtppro in place of smtp in the server's name."),
}
