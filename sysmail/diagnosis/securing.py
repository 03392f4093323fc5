"""Rules for encryption and login."""

from __future__ import annotations

from sysmail.diagnosis.rule import Rule, Who
from sysmail.words import lazy

RULES = {
    "starttls_not_offered": Rule(
        lazy(
            "%(server)s does not offer encryption by STARTTLS at this port, and Sysmail never "
            "goes on unencrypted by itself."
        ),
        Who.ADMINISTRATOR,
        lazy(
            "Try SSL with port 465, or STARTTLS with port 587. Choose Plain only if the server "
            "stands in your own network."
        ),
    ),
    "tls_not_now": Rule(
        lazy("%(server)s cannot encrypt the connection at the moment."), Who.NOBODY, passes=True
    ),
    "certificate_untrusted": Rule(
        lazy(
            "%(server)s shows a certificate (its proof of identity) issued by nobody this "
            "machine trusts."
        ),
        Who.ADMINISTRATOR,
        lazy(
            "If it is your company's own server, trust its authority or this certificate: Check "
            "connection on the System Mail Account page has a button for each. With a public "
            "provider, check the host name."
        ),
    ),
    "certificate_wrong_name": Rule(
        lazy("The server's certificate (its proof of identity) is for another name than %(host)s."),
        Who.ADMINISTRATOR,
        lazy(
            "Enter the host name exactly as your provider writes it; a nickname or a number "
            "(IP address) of the same server does not do. If your company's own server has no "
            "other name, trust this certificate: Check connection has a button for that."
        ),
    ),
    "certificate_expired": Rule(
        lazy("%(server)s shows a certificate (its proof of identity) that has expired."),
        Who.PROVIDER,
        lazy(
            "Tell the people who run the mail server: they must renew its certificate. If it is "
            "your company's own server and mail cannot wait, trust this certificate: Check "
            "connection has a button for that."
        ),
    ),
    "certificate_not_yet_valid": Rule(
        lazy("%(server)s shows a certificate (its proof of identity) that is not valid yet."),
        Who.ADMINISTRATOR,
        lazy(
            "Check date and time of the machine Sysmail runs on. If they are right, tell the "
            "people who run the mail server."
        ),
    ),
    "tls_too_old": Rule(
        lazy("%(server)s offers only old kinds of encryption that are no longer safe."),
        Who.PROVIDER,
        lazy(
            "Tell the people who run the mail server that it needs TLS 1.2 or newer "
            "(the encryption's version)."
        ),
    ),
    "tls_failed": Rule(
        lazy("Setting up the encryption with %(host)s was broken off."),
        Who.NOBODY,
        lazy(
            "If it never worked, check that encryption method and port belong together: SSL "
            "with 465, STARTTLS with 587."
        ),
        passes=True,
    ),
    "login_rejected": Rule(
        lazy("%(server)s refuses the login: account name or password is wrong."),
        Who.ADMINISTRATOR,
        lazy(
            "Enter Email Account Name and Password again on the System Mail Account page. The "
            "account name is often the whole e-mail address."
        ),
    ),
    "basic_login_disabled": Rule(
        lazy("The mail provider no longer lets programs log in to this mailbox with a password."),
        Who.ADMINISTRATOR,
        lazy(
            "Choose OAuth 2.0 as Log-in on the System Mail Account page, or in the provider's "
            "settings allow “SMTP AUTH” for this mailbox; where neither is possible, use another "
            "mail server."
        ),
    ),
    "app_password_required": Rule(
        lazy("The mail provider asks for an app password, not for the mailbox's own password."),
        Who.ADMINISTRATOR,
        lazy(
            "Create an app password (one made for a program) in the security settings of the "
            "mailbox and enter it as Password on the System Mail Account page."
        ),
    ),
    "no_common_mechanism": Rule(
        lazy("%(server)s asks for a way of logging in that Sysmail does not know."),
        Who.ADMINISTRATOR,
        lazy(
            "If your provider speaks of OAuth 2.0 or “modern authentication”, choose OAuth 2.0 as "
            "Log-in on the System Mail Account page. Otherwise ask your provider to allow one of "
            "the ways PLAIN, LOGIN or CRAM-MD5."
        ),
    ),
    "auth_not_offered": Rule(
        lazy("%(server)s offers no login on this connection."),
        Who.ADMINISTRATOR,
        lazy(
            "Use SSL or STARTTLS: many servers offer the login only on an encrypted connection. "
            "If the server needs no login, untick Use SMTP AUTH."
        ),
    ),
    "authorization_refused": Rule(
        lazy("The sign-in service refuses to let Sysmail log in to the mailbox (OAuth 2.0)."),
        Who.ADMINISTRATOR,
        lazy(
            "The client secret or the consent has expired, was withdrawn, or was entered wrong: "
            "on the System Mail Account page enter a new secret or give consent again."
        ),
    ),
    "authorization_unreachable": Rule(
        lazy("The sign-in service for the mailbox (OAuth 2.0) cannot be reached at the moment."),
        Who.NOBODY,
        lazy(
            "If this lasts longer than an hour, check whether the machine Sysmail runs on may open "
            "web addresses (https) outside."
        ),
        passes=True,
    ),
    "login_try_later": Rule(
        lazy("%(server)s cannot check the login at the moment."), Who.NOBODY, passes=True
    ),
    "encryption_required": Rule(
        lazy("%(server)s takes mail only on an encrypted connection."),
        Who.ADMINISTRATOR,
        lazy("Choose STARTTLS (port 587) or SSL (port 465) on the System Mail Account page."),
    ),
    "login_required": Rule(
        lazy("%(server)s takes mail only after a login."),
        Who.ADMINISTRATOR,
        lazy(
            "Tick Use SMTP AUTH on the System Mail Account page and enter the account name and "
            "password your provider gave you."
        ),
        direct=Rule(
            lazy("%(server)s takes mail only after a login, as no public mail server should."),
            Who.RECIPIENT,
            lazy("Ask the person for another address, or to tell the people who run %(domain)s."),
        ),
    ),
    "password_needed": Rule(
        lazy(
            "The stored password was entered for other settings, or can no longer be opened, "
            "so it was not sent."
        ),
        Who.ADMINISTRATOR,
        lazy(
            "Enter the password again on the System Mail Account page and save. If the file "
            "fernet-keys of the instance was lost or replaced, put the old one back first."
        ),
    ),
}
