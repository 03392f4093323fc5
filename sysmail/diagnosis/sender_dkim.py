"""DKIM of the sender's domain: do the published records match the keys that sign here?"""

from __future__ import annotations

import re

from sysmail.diagnosis.finding import DnsLine, Topic
from sysmail.diagnosis.lookup import Lookup
from sysmail.diagnosis.sender_question import EXTERNAL, KeyAsked, Question, Seen
from sysmail.words import _

ACTIVE = "active"


def look_at_dkim(topic: Topic, lookup: Lookup, asked: Question, seen: Seen) -> None:
    """Each of our keys that is not withdrawn; a provider's selectors cannot be guessed."""
    if not asked.keys or not asked.signs:
        _say_unsigned(topic, asked, seen)
    active = [key for key in asked.keys if key.state == ACTIVE]
    if active and asked.signs:
        seen.dkim = True
    for key in asked.keys:
        published = _look_at_key(topic, lookup, key)
        if key.state == ACTIVE and not published and asked.signs:
            seen.dkim = False
    if asked.keys and asked.signs and not active:
        seen.dkim = False
        topic.advice(
            _("The keys do not sign yet."), _("Start signing once their records are found.")
        )


def _say_unsigned(topic: Topic, asked: Question, seen: Seen) -> None:
    if asked.mode == EXTERNAL:
        topic.advice(
            _("Mails are not signed here: with an external server its provider usually does it, "
              "under a name that cannot be guessed."),
            _("Switch DKIM on at your provider, then read the headers of a received mail below."),
        )  # fmt: skip
    else:
        seen.dkim = False
        topic.advice(_("Mails are not signed."), _("Make keys under “DKIM keys” on this page."))


def _look_at_key(topic: Topic, lookup: Lookup, key: KeyAsked) -> bool:
    """Whether receivers find this key."""
    found = [text for text in lookup.texts(key.place) if "p=" in text]
    places = {"place": key.place}
    if not found:
        topic.lines.append(DnsLine(key.place, key.value))
        text = _("There is no record at %(place)s yet.", **places)
        todo = _("Add the line below to the DNS.")
        topic.say("problem" if key.state == ACTIVE else "advice", text, todo)
        return False
    if len(found) > 1:
        topic.problem(_("There are several records at %(place)s.", **places), _("Keep only ours."))
        return False
    theirs, ours = _tags(found[0]), _tags(key.value)
    if theirs.get("p") != ours["p"] or theirs.get("k", "rsa") != ours["k"]:
        topic.lines.append(DnsLine(key.place, key.value))
        topic.problem(
            _("The record at %(place)s holds another key.", **places)
            if theirs.get("p") else
            _("The record at %(place)s says that the key was revoked.", **places),
            _("Put the line below in its place; take care that the value is complete."),
        )  # fmt: skip
        return False
    _say_found(topic, theirs, places)
    return True


def _say_found(topic: Topic, theirs: dict[str, str], places: dict[str, str]) -> None:
    if "y" in theirs.get("t", "").split(":"):
        topic.advice(
            _("The record at %(place)s is marked as a test (t=y).", **places),
            _("Take “t=y” out, or receivers may ignore the signature."),
        )
    else:
        topic.ok(_("The record at %(place)s matches the key.", **places))


def _tags(record: str) -> dict[str, str]:
    """RFC 6376 section 3.2; white space counts nowhere in these values."""
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): re.sub(r"\s+", "", value) for name, _equals, value in pairs}
