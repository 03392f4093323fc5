"""A company's certificate authority, or one pinned certificate, as pasted into the form."""

from __future__ import annotations

from sysmail.smtp import BadCertificate, Trust, read_certificates, read_fingerprint
from sysmail.words import _

_LONGEST = 64 * 1024
_MOST = 20


def trust_typed(authorities: str, fingerprint: str) -> Trust:
    """The trust that these texts ask for. What cannot be read stays as it is: no stored trust
    equals it."""
    return Trust(_canonical(authorities), _pin(fingerprint))


def pinned_pem(fingerprint: str) -> str:
    """The certificate itself, where it was pasted in place of its fingerprint."""
    try:
        return read_certificates(fingerprint)[0].pem
    except BadCertificate:
        return ""


def problems(authorities: str, fingerprint: str) -> dict[str, str | None]:
    """Why the texts cannot be used, by field."""
    found = {"trust_ca": _authorities(authorities), "trust_fingerprint": _fingerprint(fingerprint)}
    if authorities and fingerprint and not any(found.values()):
        found["trust_fingerprint"] = _(
            "Trust either the company's authority or one pinned certificate: a pinned one counts "
            "instead of any authority."
        )
    return found


def _canonical(authorities: str) -> str:
    """Each certificate once, in one order, without the text around them."""
    if not authorities:
        return ""
    try:
        return "".join(sorted({found.pem for found in read_certificates(authorities)}))
    except BadCertificate:
        return f"?{authorities}"


def _pin(fingerprint: str) -> str:
    try:
        return read_fingerprint(fingerprint) if fingerprint else ""
    except BadCertificate:
        return f"?{fingerprint}"


def _authorities(text: str) -> str | None:
    if not text:
        return None
    if len(text) > _LONGEST:
        return _("This is too long: paste the authority's certificate alone.")
    try:
        found = read_certificates(text)
    except BadCertificate:
        return _unreadable(text)
    if len(found) > _MOST:
        return _("These are too many certificates: at most 20.")
    return None


def _fingerprint(text: str) -> str | None:
    if not text:
        return None
    try:
        read_fingerprint(text)
    except BadCertificate:
        if "-----BEGIN" in text:
            return _unreadable(text)
        return _(
            "Enter the SHA-256 fingerprint: 64 digits and letters a to f, with or without colons."
        )
    return None


def _unreadable(text: str) -> str:
    if "PRIVATE KEY" in text:
        return _(
            "This is or contains a private key, which belongs on its server alone. Paste the "
            "certificate, and consider the key known to others."
        )
    return _(
        "Paste the whole text from “-----BEGIN CERTIFICATE-----” to “-----END CERTIFICATE-----”."
    )
