"""Mail servers that are misconfigured or broken, and accounts that do not fit them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.support import smtp_tls
from tests.support.ports import closed_port
from tests.support.smtp_script import GARBAGE, Action, Close, Endless, Raw, Reset, Silence
from tests.support.smtpd import ScriptedSmtp

ME = "portal@example.com"
PASSWORD = "open sesame 開け"
USERS = {ME: PASSWORD}
LOGIN: dict[str, Any] = {"use_smtp_auth": True, "account_name": ME, "password": PASSWORD}

Server = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Broken:
    """`typed` goes over settings that fit the server. `repair` is the button that mends it
    (PORT stands for the server's), `then` what its sentence asks to be typed.

    `slow`: the mail that Save sends would only fail after a minute.
    """

    name: str
    cause: str
    step: str
    server: Server
    typed: dict[str, Any] = field(default_factory=dict)
    repair: str = ""
    then: dict[str, Any] = field(default_factory=dict)
    slow: bool = False


def says(phase: str, action: Action, times: int | None = None, **options: Any) -> Server:
    """A server that does this at a phase."""
    when = options.pop("when", None)

    @contextmanager
    def made() -> Iterator[ScriptedSmtp]:
        with ScriptedSmtp(**options) as server:
            server.script(phase, action, when=when, times=times)
            yield server

    return made


def honest(**options: Any) -> Server:
    return lambda: ScriptedSmtp(**options)


@contextmanager
def nobody() -> Iterator[Any]:
    """Nobody listens at the port."""
    yield SimpleNamespace(host="localhost", port=closed_port())


@contextmanager
def full() -> Iterator[Any]:
    """A port whose queue is full: the system answers no one else."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        callers = [socket.socket() for _ in range(3)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
        yield SimpleNamespace(host="127.0.0.1", port=port)
        for caller in callers:
            caller.close()


@contextmanager
def old() -> Iterator[Any]:
    """A server that knows no TLS newer than 1.1; asyncio would drop the alert that says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_shake_hands, args=(listener,), daemon=True)
        thread.start()
        yield SimpleNamespace(host="localhost", port=listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _shake_hands(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                smtp_tls.old_context().wrap_socket(connection, server_side=True)


def is_other(argument: str) -> bool:
    """Whether MAIL names another sender than the login."""
    return ME not in argument


def is_strange(line: str) -> bool:
    """Whether EHLO names anybody but the sender's domain."""
    return not line.endswith(" example.com")


SSL = {"encryption": "ssl"}
STARTTLS = {"encryption": "starttls"}

BROKEN = (
    Broken("no such host", "host_unknown", "resolve", nobody, {"smtp_host": "mail.invalid"}),
    Broken("a closed port", "connection_refused", "connect", nobody),
    Broken("a firewall", "connection_timeout", "connect", full, slow=True),
    Broken("silence", "no_greeting", "greeting", says("greeting", Silence()), slow=True),
    Broken(
        "ssl where text is spoken",
        "encryption_mismatch",
        "tls",
        honest(tls="starttls", users=USERS),
        SSL | LOGIN,
        repair="Switch to STARTTLS, port PORT",
    ),
    Broken(
        "starttls where tls is spoken",
        "encryption_mismatch",
        "greeting",
        honest(tls="ssl", users=USERS),
        STARTTLS | LOGIN,
        repair="Switch to SSL, port PORT",
        slow=True,
    ),
    Broken(
        "plain where tls is spoken",
        "encryption_mismatch",
        "greeting",
        honest(tls="ssl"),
        {"encryption": "plain"},
        repair="Switch to SSL, port PORT",
        slow=True,
    ),
    Broken("busy", "server_busy", "greeting", says("greeting", "421 4.3.2 too many connections")),
    Broken("banned", "server_refuses_us", "greeting", says("greeting", "554 5.7.1 go away")),
    Broken("a web page", "not_smtp", "greeting", says("greeting", Raw(b"HTTP/1.1 400 Bad\r\n"))),
    Broken("imap", "not_smtp", "greeting", says("greeting", Raw(b"* OK IMAP4rev1 ready\r\n"))),
    Broken("garbage", "not_smtp", "greeting", says("greeting", GARBAGE)),
    Broken("an endless greeting", "not_smtp", "greeting", says("greeting", Endless(b"220-x\r\n"))),
    Broken("hangs up", "connection_lost", "greeting", says("greeting", Close())),
    Broken(
        "an unliked name",
        "helo_rejected",
        "ehlo",
        says(
            "ehlo",
            "550 5.7.1 Helo command rejected: need fully-qualified hostname",
            when=is_strange,
            tls="ssl",
        ),
        SSL,
        repair="Introduce this machine as example.com",
    ),
    Broken(
        "an unliked name, and a login",
        "helo_rejected",
        "ehlo",
        says("ehlo", "501 5.5.4 invalid name", when=is_strange, tls="starttls", users=USERS),
        LOGIN,
        repair="Introduce this machine as example.com",
    ),
    Broken("hangs up at EHLO", "connection_lost", "ehlo", says("ehlo", Reset())),
    Broken(
        "no starttls",
        "starttls_not_offered",
        "tls",
        honest(),
        STARTTLS,
        repair="Switch to Plain, port PORT",
    ),
    Broken(
        "starttls some other time",
        "tls_not_now",
        "tls",
        says("starttls", "454 4.7.0 TLS not available", tls="starttls"),
    ),
    Broken("tls broken off", "tls_failed", "tls", says("tls", Close(), tls="starttls")),
    Broken("old tls", "tls_too_old", "tls", old, {"encryption": "ssl"}),
    Broken(
        "an unknown authority",
        "certificate_untrusted",
        "tls",
        honest(tls="ssl", certificate="untrusted"),
        repair="Trust this certificate alone",
    ),
    Broken(
        "an unknown authority, and a login",
        "certificate_untrusted",
        "tls",
        honest(tls="starttls", certificate="untrusted", users=USERS),
        LOGIN,
        repair="Trust this certificate alone",
        then={"password": PASSWORD},
    ),
    Broken(
        "a company's own authority",
        "certificate_untrusted",
        "tls",
        honest(tls="ssl", certificate="company"),
        repair="Trust the authority",
    ),
    Broken(
        "a certificate for another name",
        "certificate_wrong_name",
        "tls",
        honest(tls="starttls", certificate="other_name", users=USERS),
        LOGIN,
        repair="Use mail.localhost as SMTP server",
        then={"password": PASSWORD},
    ),
    Broken(
        "an expired certificate",
        "certificate_expired",
        "tls",
        honest(tls="ssl", certificate="expired"),
        repair="Trust this certificate alone",
    ),
    Broken(
        "a certificate for a name that nobody has",
        "certificate_wrong_name",
        "tls",
        honest(tls="ssl", certificate="wrong_name"),
        repair="Trust this certificate alone",
    ),
    Broken(
        "a certificate from the future",
        "certificate_not_yet_valid",
        "tls",
        honest(tls="starttls", certificate="not_yet_valid"),
    ),
    Broken(
        "a wrong password",
        "login_rejected",
        "auth",
        honest(tls="ssl", users=USERS),
        LOGIN | {"password": "open barley"},
    ),
    Broken(
        "half a name",
        "login_rejected",
        "auth",
        honest(tls="ssl", users=USERS),
        LOGIN | {"account_name": "portal"},
        repair=f"Log in as {ME}",
        then={"password": PASSWORD},
    ),
    Broken(
        "passwords ended",
        "basic_login_disabled",
        "auth",
        says(
            "auth",
            "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
            users=USERS,
            tls="starttls",
        ),
        LOGIN,
    ),
    Broken(
        "an app password is wanted",
        "app_password_required",
        "auth",
        says("auth", "534 5.7.9 Application-specific password required", users=USERS, tls="ssl"),
        LOGIN,
    ),
    Broken(
        "strange logins",
        "no_common_mechanism",
        "auth",
        honest(tls="ssl", users=USERS, mechanisms=("GSSAPI", "NTLM")),
        LOGIN,
    ),
    Broken(
        "a login nobody asks for",
        "auth_not_offered",
        "auth",
        honest(tls="starttls"),
        STARTTLS | LOGIN,
        repair="Send without a login",
    ),
    Broken(
        "a login offered under tls alone",
        "auth_not_offered",
        "auth",
        says("ehlo", "250 scripted.example\n250 STARTTLS", 1, tls="starttls", users=USERS),
        {"encryption": "plain"} | LOGIN,
        repair="Switch to STARTTLS, port PORT",
    ),
    Broken(
        "a login server that is down",
        "login_try_later",
        "auth",
        says("auth", "454 4.7.0 Temporary authentication failure", users=USERS, tls="ssl"),
        LOGIN,
    ),
    Broken(
        "tls is demanded",
        "encryption_required",
        "sender",
        says("mail", "530 5.7.0 Must issue a STARTTLS command first", 1, tls="starttls"),
        {"encryption": "plain"},
        repair="Switch to STARTTLS, port PORT",
    ),
    Broken(
        "a login is demanded",
        "login_required",
        "sender",
        honest(tls="ssl", users=USERS),
        {"use_smtp_auth": False},
        repair=f"Log in as {ME}",
        then={"password": PASSWORD},
    ),
    Broken(
        "another's address",
        "sender_not_allowed",
        "sender",
        says(
            "mail",
            "553 5.7.1 <news@example.com>: Sender address rejected: not owned by user",
            when=is_other,
            users=USERS,
            tls="ssl",
        ),
        LOGIN | {"email_address": "news@example.com"},
        repair=f"Send as {ME}",
    ),
    Broken("a tiny limit", "message_too_large", "sender", honest(size=1000)),
    Broken(
        "no international addresses",
        "international_address_unsupported",
        "sender",
        honest(smtputf8=False),
        {"test_address": "björn@example.com"},
    ),
    Broken(
        "too fast",
        "sending_too_fast",
        "sender",
        says("mail", "454 4.7.0 Throttling failure: Maximum sending rate exceeded."),
    ),
    Broken(
        "a quota",
        "quota_exceeded",
        "sender",
        says("mail", "550 5.4.5 Daily user sending limit exceeded"),
    ),
    Broken("no reason", "refused", "sender", says("mail", "521 5.3.2 no")),
    Broken("garbage at MAIL", "not_smtp", "sender", says("mail", GARBAGE)),
    Broken("greylisting", "recipient_try_later", "recipient", says("rcpt", "451 4.7.1 greylisted")),
    Broken(
        "no such mailbox", "recipient_unknown", "recipient", says("rcpt", "550 5.1.1 unknown user")
    ),
    Broken("a full mailbox", "mailbox_full", "recipient", says("rcpt", "552 5.2.2 over quota")),
    Broken("no relay", "relay_denied", "recipient", says("rcpt", "554 5.7.1 Relay access denied")),
    Broken(
        "no SPF",
        "sender_unauthenticated",
        "recipient",
        says("rcpt", "550 5.7.26 This mail has been blocked because the sender is unauthenticated"),
    ),
    Broken(
        "a block list",
        "ip_blocked",
        "recipient",
        says("rcpt", "554 5.7.1 Service unavailable; blocked using zen.spamhaus.org"),
    ),
    Broken("later", "refused_for_now", "recipient", says("rcpt", "471 4.3.0 later")),
)
