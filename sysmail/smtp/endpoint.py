"""Where and how to hand mail over: host, port, encryption, credentials, deadlines."""

from dataclasses import dataclass, field
from enum import StrEnum

from sysmail.smtp.trouble import Phase


class Encryption(StrEnum):
    PLAIN = "plain"
    SSL = "ssl"
    STARTTLS = "starttls"


DEFAULT_PORTS = {Encryption.PLAIN: 25, Encryption.SSL: 465, Encryption.STARTTLS: 587}


class Mode(StrEnum):
    """Whose server it is: the account's, the operator's own relay, or the recipient's."""

    EXTERNAL = "external"
    RELAY = "relay"
    DIRECT = "direct"


@dataclass(frozen=True)
class Credentials:
    """`is_token`: the password is an OAuth 2.0 access token, for the mechanism XOAUTH2 alone."""

    account_name: str
    password: str = field(repr=False)
    is_token: bool = False


@dataclass(frozen=True)
class Trust:
    """What an account trusts: `authorities` (PEM) beside the system's, or instead of them one
    certificate of the server itself by the SHA-256 `fingerprint` (64 hex digits)."""

    authorities: str = ""
    fingerprint: str = ""

    def __bool__(self) -> bool:
        return bool(self.authorities or self.fingerprint)


@dataclass(frozen=True)
class Endpoint:
    """`private`: loopback and private addresses may be dialled. `ca_file`: trusted beside the
    system's authorities. `allow_clear_login`: a password may go without TLS.
    `resumes`: an earlier TLS session may shorten the handshake, so that no certificate is seen."""

    host: str
    port: int
    encryption: Encryption = Encryption.STARTTLS
    credentials: Credentials | None = None
    helo_name: str = "localhost"
    ca_file: str | None = None
    private: bool = True
    allow_clear_login: bool = False
    mode: Mode = Mode.EXTERNAL
    trust: Trust = Trust()
    resumes: bool = True

    def __post_init__(self) -> None:
        """A plain "starttls" counts as what it says; anything else raises ValueError."""
        object.__setattr__(self, "encryption", Encryption(self.encryption))
        object.__setattr__(self, "mode", Mode(self.mode))

    def describe(self) -> str:
        """Like "smtp.example.com:587"."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True)
class Deadlines:
    """Seconds in all for each phase, however many reads it takes. `body` is for each 100 KB
    begun; `silence` is how long to wait for a greeting before asking whether it is TLS."""

    resolve: float = 30
    connect: float = 30
    greeting: float = 60
    ehlo: float = 60
    starttls: float = 60
    tls: float = 60
    auth: float = 60
    mail: float = 60
    rcpt: float = 60
    data: float = 120
    body: float = 180
    dot: float = 600
    quit: float = 5
    silence: float = 5

    @classmethod
    def direct(cls) -> "Deadlines":
        """For servers of strangers, which may be slow (RFC 5321, section 4.5.3.2)."""
        return cls(greeting=300, ehlo=300, mail=300, rcpt=300)

    @classmethod
    def every(cls, seconds: float) -> "Deadlines":
        """The same short time for every phase."""
        return cls(*(seconds for _ in cls.__dataclass_fields__))

    def of(self, phase: Phase) -> float:
        seconds: float = getattr(self, phase.value)
        return seconds

    def for_body(self, size: int) -> float:
        return self.body * (1 + size // 100_000)
