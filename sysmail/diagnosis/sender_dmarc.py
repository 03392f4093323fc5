"""DMARC of the sender's domain: its record, and whether SPF or DKIM vouch for the From address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sysmail.diagnosis.finding import DnsLine, Topic
from sysmail.diagnosis.lookup import Lookup
from sysmail.diagnosis.sender_question import Question, Seen
from sysmail.words import Lazy, _, lazy

_VERSION = re.compile(r"v\s*=\s*DMARC1\s*(;|$)")
_WALK = 8
_POLICIES: dict[str, Lazy] = {
    "none": lazy("%(domain)s asks receivers only to watch (p=none)."),
    "quarantine": lazy("%(domain)s asks receivers to put what fails among the junk mail."),
    "reject": lazy("%(domain)s asks receivers to refuse what fails."),
}


@dataclass(frozen=True)
class Policy:
    """Where a record was found, and its tags; `count` of records there."""

    domain: str
    tags: dict[str, str]
    count: int = 1


def look_at_dmarc(topic: Topic, lookup: Lookup, asked: Question, seen: Seen) -> None:
    """Record and alignment (RFC 7489); the envelope's domain is the From address's own."""
    found = policy_of(lookup, asked.domain)
    if found is None:
        topic.advice(
            _("%(domain)s has no DMARC record.", domain=asked.domain),
            _("Add the line below: it asks only for reports and refuses nothing."),
        )
        topic.lines.append(_first_line(asked.domain))
    elif found.count > 1:
        topic.problem(
            _("%(domain)s has %(count)s DMARC records, so receivers use none.",
              domain=found.domain, count=found.count),
            _("Keep one of them."),
        )  # fmt: skip
    else:
        _say_policy(topic, found, asked.domain)
    _say_alignment(topic, asked, seen, _strictness(found, asked.domain))


def policy_of(lookup: Lookup, domain: str) -> Policy | None:
    """The domain's record, else its nearest parent's.

    DMARC's later text walks up the tree like this in place of RFC 7489's list of public suffixes.
    """
    labels = domain.split(".")
    first = max(1, len(labels) - _WALK)
    for at in [0, *range(first, len(labels) - 1)]:
        name = ".".join(labels[at:])
        found = [text for text in lookup.texts(f"_dmarc.{name}") if _VERSION.match(text)]
        if found:
            return Policy(name, _tags(found[0]), len(found))
    return None


def _strictness(found: Policy | None, domain: str) -> str:
    """What receivers do with mails that nothing vouches for: none, quarantine or reject."""
    if found is None or found.count > 1:
        return "none"
    own = found.tags.get("p", "none")
    return own if found.domain == domain else found.tags.get("sp", own)


def _say_policy(topic: Topic, found: Policy, domain: str) -> None:
    strictness = _strictness(found, domain)
    if strictness not in _POLICIES or "p" not in found.tags:
        topic.problem(
            _("The DMARC record of %(domain)s has no policy that receivers know.",
              domain=found.domain),
            _("Write p=none, p=quarantine or p=reject right after v=DMARC1."),
        )  # fmt: skip
        return
    topic.ok(_POLICIES[strictness] % {"domain": found.domain})
    if "rua" not in found.tags:
        topic.advice(
            _("The DMARC record names no address for reports (rua)."),
            _("Add rua=mailto: and an address: reports show who sends as you, and what fails."),
        )


def _say_alignment(topic: Topic, asked: Question, seen: Seen, strictness: str) -> None:
    names = [name for name, vouches in (("SPF", seen.spf), ("DKIM", seen.dkim)) if vouches]
    if names:
        topic.ok(
            _("%(names)s vouch for %(domain)s, the domain people see: DMARC is met.",
              names=" + ".join(names), domain=asked.domain)
            if len(names) > 1 else
            _("%(names)s vouches for %(domain)s, the domain people see: DMARC is met.",
              names=names[0], domain=asked.domain)
        )  # fmt: skip
        return
    if seen.spf is None or seen.dkim is None:
        topic.advice(
            _("Whether DMARC is met cannot be seen from here."),
            _("Send a test e-mail and have the headers read that arrive."),
        )
        return
    text = _("Neither SPF nor DKIM vouches for %(domain)s.", domain=asked.domain)
    todo = _("Correct one of the two, better both.")
    topic.say("advice" if strictness == "none" else "problem", text, todo)


def _first_line(domain: str) -> DnsLine:
    return DnsLine(f"_dmarc.{domain}", f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}")


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _equals, value in pairs if name}
