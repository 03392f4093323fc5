"""Which change of the form would mend what a check has found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from sysmail.account import Settings, greeting_names, health
from sysmail.config import Config
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


@dataclass(frozen=True)
class Case:
    """What a check found with which settings. `names`: those worth offering for the greeting.
    `was_encrypted`: the server has taken mail over an encrypted connection before."""

    found: Checked
    settings: Settings
    names: list[str]
    was_encrypted: bool


def repairs(session: Session, config: Config, found: Checked, settings: Settings) -> list[Repair]:
    """The changes that may help, the likeliest first; none where nothing in the form can."""
    maker = _MAKERS.get(found.explained().like or "") if found.failure else None
    if maker is None or found.mode != Mode.EXTERNAL:
        return []
    names = greeting_names(config, settings.email_address)
    case = Case(found, settings, names, was_encrypted(session, found))
    made = {repair.key: repair for repair in maker(case)}
    return [one for one in made.values() if one.applied(settings) != settings]


def was_encrypted(session: Session, found: Checked) -> bool:
    """Whether the server checked has taken encrypted mail before, and none in the clear since:
    should it offer no encryption now, somebody on the way may have taken it out."""
    return found.mode == Mode.EXTERNAL and health(session).encrypted_host == found.host[:255]


def _switched(encryption: Encryption, port: int) -> Repair:
    """Encryption and port together."""
    name = _NAMES[encryption]
    label = _("Switch to %(encryption)s, port %(port)s", encryption=name, port=port)
    changes = {"encryption": encryption.value, "smtp_port": str(port)}
    return Repair(f"{encryption.value}-{port}", label, changes)


def _other_language(case: Case) -> Iterator[Repair]:
    """What answers at this port decides: text, or TLS from the first byte."""
    yield _switched(STARTTLS if case.found.encryption == SSL else SSL, case.found.port)


def _other_door(case: Case) -> Iterator[Repair]:
    """Nothing helpful answers at this port: the usual ones of the two encrypted ways."""
    here = Encryption(case.found.encryption)
    if here is not PLAIN and case.found.port != DEFAULT_PORTS[here]:
        yield _switched(here, DEFAULT_PORTS[here])
    other = SSL if here is STARTTLS else STARTTLS
    yield _switched(other, DEFAULT_PORTS[other])


def _without_starttls(case: Case) -> Iterator[Repair]:
    """Plain comes last but on this machine itself, and not at all where it looks like a trap."""
    is_here = is_loopback_host(case.found.host)
    plain = [] if case.was_encrypted else [_switched(PLAIN, case.found.port)]
    if is_here:
        yield from plain
    yield _switched(SSL, DEFAULT_PORTS[SSL])
    if not case.settings.use_smtp_auth:
        yield from plain


def _encrypted(case: Case) -> Iterator[Repair]:
    port = case.found.port if case.found.starttls_unused else DEFAULT_PORTS[STARTTLS]
    yield _switched(STARTTLS, port)


def _login_missing(case: Case) -> Iterator[Repair]:
    if case.found.encryption == PLAIN:
        yield from _encrypted(case)
    yield Repair("no-login", _("Send without a login"), {"use_smtp_auth": False})


def _login(case: Case) -> Iterator[Repair]:
    name = case.settings.account_name or case.settings.email_address
    label = _("Log in as %(name)s", name=name)
    yield Repair("log-in", label, {"use_smtp_auth": True, "account_name": name})


def _whole_address(case: Case) -> Iterator[Repair]:
    """Most providers want the address where people type the part before the @."""
    if "@" not in case.settings.account_name and case.settings.login_method == "password":
        address = case.settings.email_address
        label = _("Log in as %(name)s", name=address)
        yield Repair("whole-address", label, {"account_name": address})


def _own_sender(case: Case) -> Iterator[Repair]:
    if case.settings.use_smtp_auth and "@" in case.settings.account_name:
        address = case.settings.account_name
        label = _("Send as %(address)s", address=address)
        yield Repair("own-sender", label, {"email_address": address})


def _trusted(case: Case) -> Iterator[Repair]:
    if case.found.authority and case.found.authority.pem:
        label = _("Trust the authority %(name)s", name=case.found.authority.subject)
        changes = {"trust_ca": case.found.authority.pem, "trust_fingerprint": ""}
        yield Repair("trust-authority", label, changes)
    yield from _pinned(case)


def _pinned(case: Case) -> Iterator[Repair]:
    """Whatever the certificate says of names and dates, it is this one that counts then."""
    if case.found.certificate and case.found.certificate.pem:
        label = _("Trust this certificate alone")
        changes = {"trust_ca": "", "trust_fingerprint": case.found.certificate.pem}
        yield Repair("trust-certificate", label, changes)


def _certified_name(case: Case) -> Iterator[Repair]:
    names = (
        [name for name in case.found.certificate.names if "*" not in name]
        if case.found.certificate
        else []
    )
    for name in names[:2]:
        yield Repair(
            f"host-{name}", _("Use %(host)s as SMTP server", host=name), {"smtp_host": name}
        )
    yield from _pinned(case)


def _other_name(case: Case) -> Iterator[Repair]:
    """The next after the one refused: what was refused before is not offered again."""
    names, refused = case.names, case.found.helo
    for name in names[names.index(refused) + 1 if refused in names else 0 :][:1]:
        label = _("Introduce this machine as %(name)s", name=name)
        yield Repair(f"helo-{name}", label, {"helo_name": name})


_MAKERS: dict[str, Callable[[Case], Iterator[Repair]]] = {
    "encryption_mismatch": _other_language,
    "connection_refused": _other_door,
    "connection_timeout": _other_door,
    "no_greeting": _other_door,
    "not_smtp": _other_door,
    "helo_rejected": _other_name,
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
