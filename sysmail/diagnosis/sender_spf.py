"""SPF of the sender's domain: is there one sound record, and does it cover who sends?"""

from __future__ import annotations

from sysmail.diagnosis import spf
from sysmail.diagnosis.finding import DnsLine, Topic
from sysmail.diagnosis.lookup import Ip, Lookup
from sysmail.diagnosis.sender_question import CAPTURE, Question, Seen
from sysmail.diagnosis.spf_terms import VERSION, Asker
from sysmail.words import Lazy, _, lazy

# What each provider tells its customers to include, by the end of its outgoing server's name.
INCLUDES = {
    "gmail.com": "_spf.google.com",
    "google.com": "_spf.google.com",
    "office365.com": "spf.protection.outlook.com",
    "outlook.com": "spf.protection.outlook.com",
    "amazonaws.com": "amazonses.com",
    "sendgrid.net": "sendgrid.net",
    "mailgun.org": "mailgun.org",
    "postmarkapp.com": "spf.mtasv.net",
    "brevo.com": "spf.brevo.com",
    "sendinblue.com": "spf.brevo.com",
    "zoho.com": "zohomail.com",
    "zoho.eu": "zohomail.eu",
    "fastmail.com": "spf.messagingengine.com",
    "messagingengine.com": "spf.messagingengine.com",
}
_MANY = 8
_TROUBLES: dict[str, Lazy] = {
    "several": lazy("%(about)s has more than one SPF record, so receivers use none of them."),
    "syntax": lazy("The SPF record holds “%(about)s”, which is not a term that SPF knows."),
    "none_included": lazy("The SPF record includes %(about)s, which has none of its own."),
}


def look_at_spf(topic: Topic, lookup: Lookup, asked: Question, seen: Seen) -> None:
    """Judged for the addresses in `seen`; for another's server as far as can be seen from here."""
    found = spf.records(lookup, asked.domain)
    include = _include(asked)
    line = DnsLine(
        asked.domain, _suggested(found, seen.addresses if asked.is_ours else [], include)
    )
    if not found:
        topic.problem(
            _("%(domain)s has no SPF record.", domain=asked.domain),
            _("Add the line below to its DNS.") if asked.is_ours or include else
            _("Ask the provider of your mail server what to include, and add the line below."),
        )  # fmt: skip
        topic.lines.append(line)
        seen.spf = False
        return
    survey = spf.survey(lookup, asked.domain)
    _judge_record(topic, survey, found)
    if include in survey.domains:
        _say_included(topic, seen, include)
    else:
        _judge_addresses(topic, lookup, asked, seen)
    lacks = not seen.spf and asked.mode != CAPTURE and (asked.is_ours or include)
    if lacks or len(found) > 1:
        topic.lines.append(line)


def _judge_record(topic: Topic, survey: spf.Survey, found: list[str]) -> None:
    for trouble, about in survey.troubles:
        topic.problem(_TROUBLES[trouble] % {"about": about}, _("Correct the record."))
    if survey.lookups > spf.MOST_LOOKUPS:
        topic.problem(
            _("The SPF record needs %(count)s look-ups; receivers stop after 10 and take it for "
              "an error.", count=survey.lookups),
            _("Take out includes of services you no longer use."),
        )  # fmt: skip
    elif survey.lookups > _MANY:
        topic.advice(_("The SPF record needs %(count)s of 10 look-ups.", count=survey.lookups))
    elif not survey.troubles:
        topic.ok(
            _("There is one SPF record, and it needs %(count)s of 10 look-ups.",
              count=survey.lookups)
        )  # fmt: skip
    if {"all", "+all"} & set(found[0].lower().split()):
        topic.problem(
            _("The SPF record ends in “+all”: it lets anybody send as you."),
            _("Write “~all” or “-all” instead."),
        )


def _say_included(topic: Topic, seen: Seen, include: str) -> None:
    seen.spf = True
    topic.ok(
        _("The SPF record includes %(include)s, which your mail server's provider publishes.",
          include=include)
    )  # fmt: skip


def _judge_addresses(topic: Topic, lookup: Lookup, asked: Question, seen: Seen) -> None:
    if asked.mode == CAPTURE:
        topic.advice(_("Mail is captured here, so nothing is sent that SPF could be asked about."))
        return
    if not seen.addresses:
        topic.advice(_("It cannot be seen from here which address your mails come from."))
        return
    verdicts = [
        (ip, spf.check(lookup, asked.domain, Asker(ip, asked.address, asked.helo)))
        for ip in seen.addresses
    ]
    passes = all(verdict.result == spf.PASS for _ip, verdict in verdicts)
    seen.spf = passes or (False if asked.is_ours else None)
    for ip, verdict in verdicts:
        _say_verdict(topic, asked, ip, verdict)
    if seen.guessed:
        topic.ok(_guess(asked))


def _say_verdict(topic: Topic, asked: Question, ip: Ip, verdict: spf.Verdict) -> None:
    places = {"ip": ip, "term": verdict.term, "domain": asked.domain, "name": verdict.about}
    if verdict.result == spf.PASS:
        topic.ok(_("Mails from %(ip)s pass SPF, by “%(term)s”.", **places))
        return
    texts: dict[str, Lazy] = {
        spf.FAIL: lazy("Mails from %(ip)s fail SPF, by “%(term)s”: many receivers refuse them."),
        spf.SOFTFAIL: lazy("Mails from %(ip)s are doubtful to SPF, by “%(term)s”."),
        spf.NEUTRAL: lazy("The SPF record says nothing about mails from %(ip)s."),
        spf.TEMPERROR: lazy("SPF cannot be judged: the DNS gave no usable answer on %(name)s."),
    }
    text = texts.get(verdict.result, lazy("Receivers take the SPF record for an error (%(ip)s)."))
    certain = asked.is_ours and verdict.result != spf.TEMPERROR
    todo = _("Publish the line below in place of the record.") if certain else ""
    topic.say("problem" if certain else "advice", text % places, todo)


def _guess(asked: Question) -> str:
    if asked.is_ours:
        return _(
            "This machine's own address is private, so the address of %(name)s was judged, as far "
            "as can be seen from here.",
            name=asked.helo,
        )
    return _(
        "This is as far as can be seen from here: %(host)s may pass mails on from other "
        "addresses. Only the headers of a received mail tell for certain.",
        host=asked.host,
    )


def _include(asked: Question) -> str:
    """What the provider of this outgoing server wants included; "" where that is not known."""
    host = asked.host.lower()
    for end, include in INCLUDES.items():
        if host == end or host.endswith(f".{end}"):
            return include
    return ""


def _suggested(found: list[str], addresses: list[Ip], include: str) -> str:
    """One record of all that is there, and what is missing before its "all"."""
    ours = [f"ip{ip.version}:{ip}" for ip in addresses]
    if not addresses:
        ours = [f"include:{include or '_spf.provider.example'}"] if include or not found else []
    kept = [term for text in found for term in text.split()[1:]]
    ends = [term for term in kept if term.lower().lstrip("+-~?") == "all"]
    named = [term for term in dict.fromkeys([*kept, *ours]) if term not in ends]
    closing = next((end for end in ends if end[0] in "-~?"), "~all")
    redirects = any(term.lower().startswith("redirect=") for term in named)
    return " ".join([VERSION, *named] if redirects and not ends else [VERSION, *named, closing])
