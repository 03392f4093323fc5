"""The headers of a received mail, read: what the receiver made of it, and the way it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sysmail.diagnosis.finding import Severity, Topic
from sysmail.diagnosis.received_fields import Passed, Result, fields, passed, results
from sysmail.words import Lazy, _, lazy

_MOST_HOPS = 30
_SHOWN = 120
_LONG = timedelta(minutes=5)
_ENCRYPTED = ("ESMTPS", "ESMTPSA", "UTF8SMTPS", "UTF8SMTPSA", "LMTPS", "LMTPSA")  # RFC 3848, 6531
_METHODS = ("spf", "dkim", "dmarc")
_SEVERITIES: dict[str, Severity] = {"pass": "ok", "bestguesspass": "ok", "fail": "problem"}
_SEVERITIES |= {"softfail": "problem", "hardfail": "problem", "permerror": "problem"}
_SAID: dict[str, Lazy] = {
    "pass": lazy("%(method)s passed%(for)s."),
    "fail": lazy("%(method)s failed%(for)s."),
    "softfail": lazy("%(method)s found the sending server doubtful%(for)s."),
    "none": lazy("%(method)s: nothing to check was found%(for)s."),
    "neutral": lazy("%(method)s says neither yes nor no%(for)s."),
    "permerror": lazy("%(method)s could not be checked%(for)s: the DNS record is wrong."),
    "temperror": lazy("%(method)s could not be checked%(for)s at that moment."),
}
_ABOUT = {
    "spf": ("smtp.mailfrom", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
}


@dataclass(frozen=True)
class Hop:
    """One server's note; `delay` since the one before, None where a date cannot be read."""

    sender: str
    server: str
    protocol: str
    at: datetime | None
    delay: timedelta | None
    encrypted: bool

    @property
    def is_slow(self) -> bool:
        return self.delay is not None and self.delay > _LONG


@dataclass(frozen=True)
class Reading:
    """`written_by`: the server whose results were believed, "" where none wrote any. `hops` in
    the order the mail took; `total` from the first date to the last."""

    sender: str
    written_by: str
    topics: list[Topic] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)

    @property
    def total(self) -> timedelta | None:
        times = [hop.at for hop in self.hops if hop.at]
        return times[-1] - times[0] if len(times) > 1 else None


def read_headers(text: str) -> Reading | None:
    """What the pasted text tells; None where it holds neither results nor a way.

    Only the topmost Authentication-Results counts, and others by the same server: whatever
    stands below may have been written by the sender (RFC 8601 section 1.6).
    """
    found = fields(text)
    told = [results(value) for name, value in found if name == "authentication-results"]
    notes = [passed(value) for name, value in found if name == "received"][:_MOST_HOPS]
    if not told and not notes:
        return None
    writer = told[0][0] if told else ""
    believed = [result for server, some in told if server == writer for result in some]
    sender = next((value for name, value in found if name == "from"), "")
    topics = [_topic(method, believed) for method in _METHODS] if told else []
    return Reading(sender[:_SHOWN], writer[:_SHOWN], topics, _hops(notes))


def _topic(method: str, believed: list[Result]) -> Topic:
    topic = Topic(method)
    for result in [result for result in believed if result.method == method]:
        _say(topic, result)
    if not topic.findings:
        topic.advice(_("The receiver wrote no result for %(method)s.", method=method.upper()))
    passes = any(finding.severity == "ok" for finding in topic.findings)
    if method == "dkim" and passes:
        topic.findings = [f for f in topic.findings if f.severity == "ok"]
    return topic


def _say(topic: Topic, result: Result) -> None:
    subject = next(
        (result.about[name] for name in _ABOUT[result.method] if name in result.about), ""
    )
    said = _SAID.get(result.result, lazy("%(method)s ended with “%(result)s”%(for)s."))
    places = {
        "method": result.method.upper(),
        "for": _(" for %(subject)s", subject=subject.removeprefix("@")[:_SHOWN]) if subject else "",
        "result": result.result[:_SHOWN],
    }
    topic.say(_SEVERITIES.get(result.result, "advice"), said % places)


def _hops(notes: list[Passed]) -> list[Hop]:
    hops: list[Hop] = []
    before: datetime | None = None
    for note in reversed(notes):
        delay = note.at - before if note.at and before else None
        encrypted = note.protocol in _ENCRYPTED
        names = (note.sender[:_SHOWN], note.server[:_SHOWN], note.protocol[:_SHOWN])
        hops.append(Hop(*names, note.at, delay, encrypted))
        before = note.at or before
    return hops
