"""Which change of the form would mend what a check has found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sysmail.account import Settings
from sysmail.diagnosis.checked import Checked
from sysmail.smtp import DEFAULT_PORTS, Encryption, Mode, is_loopback_host
from sysmail.words import _

SSL, STARTTLS, PLAIN = Encryption.SSL, Encryption.STARTTLS, Encryption.PLAIN
_NAMES = {SSL: "SSL", STARTTLS: "STARTTLS", PLAIN: "Plain"}


@dataclass(frozen=True)
class Repair:
    """`key` names it in URLs. `label` says on a button what it changes."""

    key: str
    label: str
    changes: dict[str, Any] = field(repr=False)

    def applied(self, settings: Settings) -> Settings:
        """The settings repaired; what was typed for a test stays."""
        return replace(settings, **self.changes)


def repairs(found: Checked, settings: Settings) -> list[Repair]:
    """The changes that may help, the likeliest first; none where nothing in the form can."""
    maker = _MAKERS.get(found.explained().like or "") if found.failure else None
    if maker is None or found.mode != Mode.EXTERNAL:
        return []
    made = {repair.key: repair for repair in maker(found, settings)}
    return [one for one in made.values() if one.applied(settings) != settings]


def _switched(encryption: Encryption, port: int) -> Repair:
    """Encryption and port together."""
    name = _NAMES[encryption]
    label = _("Switch to %(encryption)s, port %(port)s", encryption=name, port=port)
    changes = {"encryption": encryption.value, "smtp_port": str(port)}
    return Repair(f"{encryption.value}-{port}", label, changes)


def _other_language(found: Checked, _settings: Settings) -> Iterator[Repair]:
    """What answers at this port decides: text, or TLS from the first byte."""
    yield _switched(STARTTLS if found.encryption == SSL else SSL, found.port)


def _other_door(found: Checked, _settings: Settings) -> Iterator[Repair]:
    """Nothing helpful answers at this port: the usual ones of the two encrypted ways."""
    here = Encryption(found.encryption)
    if here is not PLAIN and found.port != DEFAULT_PORTS[here]:
        yield _switched(here, DEFAULT_PORTS[here])
    other = SSL if here is STARTTLS else STARTTLS
    yield _switched(other, DEFAULT_PORTS[other])


def _without_starttls(found: Checked, settings: Settings) -> Iterator[Repair]:
    if not settings.use_smtp_auth or is_loopback_host(found.host):
        yield _switched(PLAIN, found.port)
    yield _switched(SSL, DEFAULT_PORTS[SSL])


def _encrypted(found: Checked, _settings: Settings) -> Iterator[Repair]:
    port = found.port if found.starttls_unused else DEFAULT_PORTS[STARTTLS]
    yield _switched(STARTTLS, port)


def _login_missing(found: Checked, settings: Settings) -> Iterator[Repair]:
    if found.encryption == PLAIN:
        yield from _encrypted(found, settings)
    yield Repair("no-login", _("Send without a login"), {"use_smtp_auth": False})


def _login(_found: Checked, settings: Settings) -> Iterator[Repair]:
    name = settings.account_name or settings.email_address
    label = _("Log in as %(name)s", name=name)
    yield Repair("log-in", label, {"use_smtp_auth": True, "account_name": name})


def _whole_address(_found: Checked, settings: Settings) -> Iterator[Repair]:
    """Most providers want the address where people type the part before the @."""
    if "@" not in settings.account_name and settings.login_method == "password":
        address = settings.email_address
        label = _("Log in as %(name)s", name=address)
        yield Repair("whole-address", label, {"account_name": address})


def _own_sender(_found: Checked, settings: Settings) -> Iterator[Repair]:
    if settings.use_smtp_auth and "@" in settings.account_name:
        address = settings.account_name
        label = _("Send as %(address)s", address=address)
        yield Repair("own-sender", label, {"email_address": address})


def _trusted(found: Checked, settings: Settings) -> Iterator[Repair]:
    if found.authority and found.authority.pem:
        label = _("Trust the authority %(name)s", name=found.authority.subject)
        changes = {"trust_ca": found.authority.pem, "trust_fingerprint": ""}
        yield Repair("trust-authority", label, changes)
    yield from _pinned(found, settings)


def _pinned(found: Checked, _settings: Settings) -> Iterator[Repair]:
    """Whatever the certificate says of names and dates, it is this one that counts then."""
    if found.certificate and found.certificate.pem:
        label = _("Trust this certificate alone")
        changes = {"trust_ca": "", "trust_fingerprint": found.certificate.pem}
        yield Repair("trust-certificate", label, changes)


def _certified_name(found: Checked, settings: Settings) -> Iterator[Repair]:
    names = (
        [name for name in found.certificate.names if "*" not in name] if found.certificate else []
    )
    for name in names[:2]:
        yield Repair(
            f"host-{name}", _("Use %(host)s as SMTP server", host=name), {"smtp_host": name}
        )
    yield from _pinned(found, settings)


_MAKERS: dict[str, Callable[[Checked, Settings], Iterator[Repair]]] = {
    "encryption_mismatch": _other_language,
    "connection_refused": _other_door,
    "connection_timeout": _other_door,
    "no_greeting": _other_door,
    "not_smtp": _other_door,
    "starttls_not_offered": _without_starttls,
    "encryption_required": _encrypted,
    "auth_not_offered": _login_missing,
    "login_required": _login,
    "login_rejected": _whole_address,
    "sender_not_allowed": _own_sender,
    "certificate_untrusted": _trusted,
    "certificate_wrong_name": _certified_name,
    "certificate_expired": _pinned,
}
