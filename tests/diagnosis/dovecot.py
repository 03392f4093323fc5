"""Real Dovecot servers that are misconfigured, and accounts that do not fit them."""

from __future__ import annotations

from typing import Any

from tests.diagnosis.broken import LOGIN, ME, PASSWORD, SSL, STARTTLS, USERS, Broken, Server
from tests.support.dovecot import Dovecot

# To whom it listens here, a caller from 127.0.0.1 is a stranger without TLS.
STRANGE = "127.0.0.2"


def dovecot(**options: Any) -> Server:
    return lambda: Dovecot(USERS, **options)


def relaying(phase: str, reply: str) -> Server:
    """What stands behind Dovecot says this; Dovecot passes it on."""

    def made() -> Dovecot:
        server = Dovecot(USERS, tls="starttls")
        server.relay.script(phase, reply)
        return server

    return made


DOVECOT = (
    Broken(
        "dovecot: ssl where text is spoken",
        "encryption_mismatch",
        "tls",
        dovecot(tls="starttls"),
        SSL | LOGIN,
        repair="Switch to STARTTLS, port PORT",
    ),
    Broken(
        "dovecot: starttls where tls is spoken",
        "encryption_mismatch",
        "greeting",
        dovecot(tls="ssl"),
        STARTTLS | LOGIN,
        repair="Switch to SSL, port PORT",
        slow=True,
    ),
    Broken(
        "dovecot: no starttls",
        "starttls_not_offered",
        "tls",
        dovecot(),
        STARTTLS | LOGIN,
        repair="Switch to Plain, port PORT",
        then={"password": PASSWORD},
    ),
    Broken(
        "dovecot: logins under tls alone",
        "auth_not_offered",
        "auth",
        dovecot(tls="starttls", host=STRANGE),
        {"encryption": "plain", "allow_clear_login": True} | LOGIN,
        repair="Switch to STARTTLS, port PORT",
    ),
    Broken(
        "dovecot: its own certificate",
        "certificate_untrusted",
        "tls",
        dovecot(tls="starttls", certificate="untrusted"),
        LOGIN,
        repair="Trust this certificate alone",
        then={"password": PASSWORD},
    ),
    Broken(
        "dovecot: an expired certificate",
        "certificate_expired",
        "tls",
        dovecot(tls="ssl", certificate="expired"),
        LOGIN,
        repair="Trust this certificate alone",
        then={"password": PASSWORD},
    ),
    Broken(
        "dovecot: a certificate for another name",
        "certificate_wrong_name",
        "tls",
        dovecot(tls="ssl", certificate="other_name"),
        LOGIN,
        repair="Use mail.localhost as SMTP server",
        then={"password": PASSWORD},
    ),
    Broken(
        "dovecot: a wrong password",
        "login_rejected",
        "auth",
        dovecot(tls="ssl"),
        LOGIN | {"password": "open barley"},
    ),
    Broken(
        "dovecot: half a name",
        "login_rejected",
        "auth",
        dovecot(tls="starttls"),
        LOGIN | {"account_name": "portal"},
        repair=f"Log in as {ME}",
        then={"password": PASSWORD},
    ),
    Broken(
        "dovecot: tokens alone",
        "no_common_mechanism",
        "auth",
        dovecot(tls="ssl", mechanisms="xoauth2 oauthbearer"),
        LOGIN,
    ),
    Broken(
        "dovecot: no place for mail",
        "login_try_later",
        "auth",
        dovecot(tls="ssl", more="mail_location ="),
        LOGIN,
    ),
    Broken(
        "dovecot: a login is demanded",
        "login_required",
        "sender",
        dovecot(tls="ssl"),
        {"use_smtp_auth": False},
        repair=f"Log in as {ME}",
        then={"password": PASSWORD},
    ),
    Broken(
        "dovecot: nobody behind it",
        "refused_for_now",
        "sender",
        dovecot(tls="ssl", more="submission_relay_port = 1"),
        LOGIN,
    ),
    Broken(
        "dovecot: a tiny limit",
        "message_too_large",
        "sender",
        dovecot(tls="starttls", more="submission_max_mail_size = 1000"),
        LOGIN,
    ),
    Broken(
        "dovecot: no international addresses",
        "international_address_unsupported",
        "sender",
        dovecot(tls="ssl"),
        LOGIN | {"test_address": "björn@example.com"},
    ),
    Broken(
        "dovecot: another's address",
        "sender_not_allowed",
        "sender",
        relaying("mail", "553 5.7.1 <portal@example.com>: Sender address rejected: not owned"),
        LOGIN,
    ),
    Broken(
        "dovecot: no such mailbox",
        "recipient_unknown",
        "recipient",
        relaying("rcpt", "550 5.1.1 <bob@example.com>: User unknown"),
        LOGIN,
    ),
)
