"""E-mail addresses of people: checked without the network, intranet domains included."""

from __future__ import annotations

import email_validator
import idna

from sysmail.mime import Address, Unsafe
from sysmail.words import _


class BadAddress(ValueError):
    """An address nobody can be reached at; its text is for people."""


def normalise_address(text: str) -> str:
    """The one form an address is kept and compared in: lower case, the domain as U-labels.

    Raises BadAddress with one message for the first fault found.
    """
    local, at, domain = text.strip().lower().rpartition("@")
    if not local and not domain:
        raise BadAddress(_("Enter an e-mail address."))
    if not at or not local or not domain:
        raise BadAddress(_("An e-mail address looks like name@example.com."))
    email = f"{_local_part(local)}@{_readable(domain.removesuffix('.'))}"
    try:
        Address(email)
    except Unsafe as error:
        raise BadAddress(_fault(error.reason)) from error
    return email


def _local_part(local: str) -> str:
    """Unicode-normalised; the domain beside it is a stand-in, since it has a rule of its own."""
    try:
        checked = email_validator.validate_email(f"{local}@example.com", check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        raise BadAddress(_fault("the part before the @ is not plain")) from error
    return checked.normalized.rpartition("@")[0]


def _readable(domain: str) -> str:
    """A-labels as U-labels, so that one mailbox has one form; anything else is left to Address."""
    if not domain.isascii() or "xn--" in domain:
        try:
            return idna.decode(idna.encode(domain, uts46=True, std3_rules=True))
        except (idna.IDNAError, UnicodeError) as error:
            raise BadAddress(_fault("the domain is not a host name")) from error
    return domain


def _fault(reason: str) -> str:
    """A sentence for each reason of mime.Address."""
    if reason == "the domain is not a host name":
        return _("What stands after the @ is not the name of a domain.")
    if reason == "the address is too long":
        return _("This address is too long: at most 254 characters.")
    if reason == "the part before the @ is too long":
        return _("The part before the @ is too long: at most 64 characters.")
    return _("The part before the @ holds characters that an address cannot have.")
