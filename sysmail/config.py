"""Configuration: environment, then `NAME_FILE`, then the default; each wrong value named."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import idna

ROOT = Path(__file__).resolve().parent.parent
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class ConfigError(ValueError):
    """A setting that cannot be used; the text names it and says what is expected."""


@dataclass(frozen=True)
class Config:
    """All settings of one installation. Durations are timedelta."""

    instance: Path
    database_url: str
    bind: tuple[str, int]
    public_url: str
    secret_key: str | None
    fernet_keys: tuple[str, ...]
    builtin: str
    builtin_relay: tuple[str, int] | None
    builtin_address: str
    helo_name: str
    resolver: str | None
    mx_port: int
    mx_private: bool
    smtp_private: bool
    ca_file: str | None
    proxy_hops: int
    delivery_connections: int
    retry_schedule: tuple[timedelta, ...]
    give_up_after: timedelta
    probe_schedule: tuple[timedelta, ...]
    uncertain_wait: timedelta
    uncertain_tries: int
    lease_seconds: int
    ratelimit_enabled: bool
    ratelimit_storage: str
    metrics_token: str | None

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def has_public_name(self) -> bool:
        """False when the built-in sender falls back to a name nobody can answer to."""
        return not self.builtin_address.endswith("@sysmail.localdomain")


def load(environ: Mapping[str, str]) -> Config:
    """Reads every SYSMAIL_* setting. Raises ConfigError, naming the first that is wrong."""
    read = _Reader(environ)
    instance = Path(read.text("INSTANCE", str(ROOT / "instance"))).absolute()
    bind = read.host_port("BIND", "127.0.0.1:8000")
    public_url = read.url("PUBLIC_URL", f"http://{_display(bind)}")
    name = _public_name(public_url)
    builtin, relay = read.builtin()
    return Config(
        instance=instance,
        database_url=_database_url(read, instance),
        bind=bind,
        public_url=public_url,
        secret_key=read.optional("SECRET_KEY"),
        fernet_keys=tuple(k.strip() for k in read.text("FERNET_KEYS", "").split(",") if k.strip()),
        builtin=builtin,
        builtin_relay=relay,
        builtin_address=read.address("BUILTIN_ADDRESS", name or "sysmail.localdomain"),
        helo_name=read.text("HELO_NAME", name or _address_literal()),
        resolver=read.resolver(),
        mx_port=read.integer("MX_PORT", 25, 1, 65535),
        mx_private=read.choice("MX_PRIVATE", "deny", ("allow", "deny")) == "allow",
        smtp_private=read.choice("SMTP_PRIVATE", "allow", ("allow", "deny")) == "allow",
        ca_file=read.file("CA_FILE"),
        proxy_hops=read.integer("PROXY_HOPS", 0, 0, 10),
        delivery_connections=read.integer("DELIVERY_CONNECTIONS", 4, 1, 64),
        retry_schedule=read.durations("RETRY_SCHEDULE", "1m,5m,15m,30m,1h,2h,4h"),
        give_up_after=read.durations("GIVE_UP_AFTER", "5d")[0],
        probe_schedule=read.durations("PROBE_SCHEDULE", "15m,1h,4h"),
        uncertain_wait=read.durations("UNCERTAIN_WAIT", "15m")[0],
        uncertain_tries=read.integer("UNCERTAIN_TRIES", 3, 0, 100),
        lease_seconds=read.lease(),
        ratelimit_enabled=read.choice("RATELIMIT_ENABLED", "1", ("0", "1")) == "1",
        ratelimit_storage=_limit_storage(read.text("RATELIMIT_STORAGE", "memory")),
        metrics_token=read.text("METRICS_TOKEN", "") or None,
    )


def _with_a_labels(url: str, host: str) -> str:
    """The URL as it may stand in a header field (RFC 5890)."""
    try:
        return url.replace(host, idna.encode(host, uts46=True).decode(), 1)
    except idna.IDNAError as error:
        raise _wrong("PUBLIC_URL", "an http or https address", url) from error


def _wrong(name: str, expected: str, value: str) -> ConfigError:
    return ConfigError(f"SYSMAIL_{name} must be {expected}, not “{value}”.")


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def optional(self, name: str) -> str | None:
        name = f"SYSMAIL_{name}"
        if value := self._environ.get(name, "").strip():
            return value
        path = self._environ.get(f"{name}_FILE", "").strip()
        if not path:
            return None
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{name}_FILE: {path} cannot be read.") from error

    def text(self, name: str, default: str) -> str:
        value = self.optional(name) or default
        if any(ord(c) < 32 or ord(c) == 127 for c in value):
            raise ConfigError(f"SYSMAIL_{name} must not contain control characters.")
        return value

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default).lower()
        if value not in allowed:
            raise _wrong(name, " or ".join(allowed), value)
        return value

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"\d{1,9}", value) or not least <= int(value) <= most:
            raise _wrong(name, f"a whole number from {least} to {most}", value)
        return int(value)

    def durations(self, name: str, default: str) -> tuple[timedelta, ...]:
        value = self.text(name, default)
        parts = [part.strip() for part in value.split(",")]
        if not all(re.fullmatch(r"\d{1,6}(\.\d{1,3})?[smhd]", part) for part in parts):
            raise _wrong(name, f"durations such as {default}", value)
        return tuple(timedelta(seconds=float(p[:-1]) * _UNITS[p[-1]]) for p in parts)

    def host_port(self, name: str, default: str) -> tuple[str, int]:
        value = self.text(name, default)
        host, _, port = value.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not host or not re.fullmatch(r"\d{1,5}", port) or int(port) > 65535:
            raise _wrong(name, f"host and port, such as {default}", value)
        return host, int(port)

    def url(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        wrong_scheme = parts.scheme not in ("http", "https")
        if wrong_scheme or not parts.hostname or parts.query or parts.fragment:
            raise _wrong(name, "an http or https address", value)
        return value if value.isascii() else _with_a_labels(value, parts.hostname)

    def address(self, name: str, domain: str) -> str:
        value = self.text(name, f"no-reply@{domain}")
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise _wrong(name, f"an address such as no-reply@{domain}", value)
        return value

    def file(self, name: str) -> str | None:
        value = self.optional(name)
        if value and not Path(value).is_file():
            raise ConfigError(f"SYSMAIL_{name}: there is no file {value}.")
        return value

    def resolver(self) -> str | None:
        value = self.text("RESOLVER", "system")
        if value == "system":
            return None
        host, port = self.host_port("RESOLVER", "127.0.0.1:53")
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise _wrong("RESOLVER", "system, or an IP address and a port", value) from None
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def builtin(self) -> tuple[str, tuple[str, int] | None]:
        value = self.text("BUILTIN", "direct")
        if value in ("direct", "capture"):
            return value, None
        if value.startswith("relay://"):
            place = value.removeprefix("relay://").rstrip("/") or "nowhere"
            host, port = _Reader({"SYSMAIL_BUILTIN": place}).host_port("BUILTIN", "relay://host:25")
            if port:
                return "relay", (host, port)
        raise _wrong("BUILTIN", "direct, capture or relay://host:port", value)

    def lease(self) -> int:
        value = self.integer("LEASE_SECONDS", 30, 1, 3600)
        if value < 3 * BEAT_SECONDS:
            raise _wrong("LEASE_SECONDS", f"at least {3 * BEAT_SECONDS} (three beats)", str(value))
        return value


BEAT_SECONDS = 10
PORTAL_NAME = "Sysmail"


def _database_url(read: _Reader, instance: Path) -> str:
    value = read.text("DATABASE_URL", f"sqlite:///{instance / 'sysmail.db'}")
    if value.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + value.partition("://")[2]
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError("SYSMAIL_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    return value


def _display(bind: tuple[str, int]) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind[0], bind[0])  # noqa: S104
    return f"[{host}]:{bind[1]}" if ":" in host else f"{host}:{bind[1]}"


def _public_name(public_url: str) -> str | None:
    """A name with a dot: the public URL's host, else this machine's, else nothing."""
    for name in (urlsplit(public_url).hostname or "", socket.getfqdn()):
        name = name.lower()
        if re.fullmatch(r"(?=.*[a-z])(?!localhost\.)[a-z0-9-]+(\.[a-z0-9-]+)+", name):
            return name
    return None


def _address_literal() -> str:
    """An EHLO argument for a machine without a name (RFC 5321 section 4.1.3)."""
    try:
        return f"[{socket.gethostbyname(socket.gethostname())}]"
    except OSError:
        return "[127.0.0.1]"


def _limit_storage(value: str) -> str:
    return "memory://" if value == "memory" else value
