"""What can come of a delivery: accepted, or a trouble with its phase and kind."""

from dataclasses import dataclass
from enum import StrEnum

from sysmail.smtp.replies import Reply


class Phase(StrEnum):
    """Where in a delivery something happened; `data` is the reply to DATA itself."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"
    QUIT = "quit"
    LOCAL = "local"


class Kind(StrEnum):
    """What was seen."""

    REPLY = "reply"
    TIMEOUT = "timeout"
    LOST = "lost"
    NOT_SMTP = "not_smtp"
    DNS_MISSING = "dns_missing"
    DNS_FAILED = "dns_failed"
    DOMAIN_MISSING = "domain_missing"
    NULL_MX = "no_mx_null"
    DOMAIN_UNROUTABLE = "domain_unroutable"
    NOT_ALLOWED = "not_allowed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    PORT_25_BLOCKED = "port_25_blocked"
    MISMATCH = "mismatch"
    NO_STARTTLS = "no_starttls"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_WRONG_NAME = "tls_wrong_name"
    TLS_EXPIRED = "tls_expired"
    TLS_NOT_YET_VALID = "tls_not_yet_valid"
    TLS_TOO_OLD = "tls_too_old"
    TLS_FAILED = "tls_failed"
    NO_AUTH_OFFERED = "no_auth_offered"
    NO_MECHANISM = "no_mechanism"
    CLEAR_LOGIN_REFUSED = "clear_login_refused"
    UNUSABLE_CREDENTIALS = "unusable_credentials"
    TOO_LARGE = "too_large"
    NEEDS_SMTPUTF8 = "needs_smtputf8"
    UNSAFE = "unsafe"
    CANNOT_COMPOSE = "cannot_compose"
    PASSWORD_NEEDED = "password_needed"  # noqa: S105
    AUTHORIZATION_REFUSED = "authorization_refused"
    AUTHORIZATION_UNREACHABLE = "authorization_unreachable"
    ABANDONED = "abandoned"


@dataclass(frozen=True)
class Trouble:
    """A delivery (or an opening) that did not succeed.

    `detail` is short, written by us and safe to log; what the server said is in `reply`.
    `starttls_unused`: the server offered STARTTLS and the connection was in the clear.
    `stale`: a kept connection turned out closed at MAIL, or ended with the mail before; there
    certainly was no dot: open again, it was not a try.
    """

    phase: Phase
    kind: Kind
    reply: Reply | None = None
    detail: str = ""
    starttls_unused: bool = False
    stale: bool = False


@dataclass(frozen=True)
class Accepted:
    """The server took responsibility (RFC 5321, section 4.2.5): any 2xx after the dot."""

    reply: Reply
    host: str
    port: int
    tls: str | None
    milliseconds: int


class Failed(Exception):
    """Carries a failure from inside a phase to the session's edge; never leaves this package.

    Without `phase` it belongs to the phase under way. `fatal`: the connection is in no known
    state although a reply was read.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        reply: Reply | None = None,
        phase: Phase | None = None,
        fatal: bool = False,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.reply = reply
        self.phase = phase
        self.fatal = fatal

    def trouble(self, under_way: Phase) -> Trouble:
        """The value to hand out, for a failure met while `under_way`."""
        return Trouble(self.phase or under_way, self.kind, self.reply, self.detail)
