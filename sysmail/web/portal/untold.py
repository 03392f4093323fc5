"""Honesty after a mention of somebody who cannot be told."""

from __future__ import annotations

from sysmail.portal import Comment, Record, Written
from sysmail.web import kit
from sysmail.words import _, ngettext

_MOST_SHOWN = 5


def say_who_is_unknown(written: Written[Record] | Written[Comment]) -> None:
    """A notice that names the addresses that stayed plain text."""
    if not written.unknown:
        return
    shown = ", ".join(address[:100] for address in written.unknown[:_MOST_SHOWN])
    more = len(written.unknown) - _MOST_SHOWN
    if more > 0:
        shown = _("%(list)s and %(more)d more", list=shown, more=more)
    message = ngettext(
        "It is kept, but nobody who may see this app has the address %(list)s. "
        "It stays plain text, and nobody is told by it.",
        "It is kept, but nobody who may see this app has the addresses %(list)s. "
        "They stay plain text, and nobody is told by them.",
        len(written.unknown),
        list=shown,
    )
    kit.flash(message, "warning")
