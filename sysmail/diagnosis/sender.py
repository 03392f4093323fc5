"""The check of the sender in the DNS: SPF, DKIM, DMARC, MX, and names for direct delivery.

A job of the worker: `sender_question` is asked in a request, `sender_handler` answers it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import EXTERNAL, current, keys_of, sender, sender_domain, signs_here
from sysmail.config import Config
from sysmail.diagnosis.finding import DnsLine, Finding, Topic
from sysmail.diagnosis.lookup import Ip, Lookup, Unanswered
from sysmail.diagnosis.sender_dkim import look_at_dkim
from sysmail.diagnosis.sender_dmarc import look_at_dmarc
from sysmail.diagnosis.sender_host import (
    look_at_mx,
    look_at_reverse,
    own_addresses,
    sources,
)
from sysmail.diagnosis.sender_question import KeyAsked, Question, Seen
from sysmail.diagnosis.sender_spf import look_at_spf
from sysmail.jobs import Handler, Report
from sysmail.smtp import Resolver
from sysmail.words import _

SENDER_JOB = "sender"
_SECONDS = 30.0
_ANSWER_SECONDS = 4.0

Look = Callable[[Topic, Lookup, Question, Seen], None]
LOOKS: tuple[tuple[str, Look], ...] = (
    ("spf", look_at_spf),
    ("dkim", look_at_dkim),
    ("dmarc", look_at_dmarc),
    ("mx", look_at_mx),
    ("reverse", look_at_reverse),
)


def sender_question(session: Session, config: Config) -> dict[str, Any]:
    """What to ask about the account as it is now, fit for a job's values."""
    account = current(session)
    external = account.mail_server == EXTERNAL
    relay = config.builtin_relay[0] if config.builtin_relay else ""
    domain = sender_domain(account, config)
    keys = keys_of(session, domain) if domain else []
    asked = Question(
        address=sender(account, config),
        domain=domain,
        mode="external" if external else config.builtin,
        host=account.smtp_host if external else relay,
        helo=config.helo_name,
        signs=signs_here(account),
        keys=[KeyAsked(key.place, key.value, key.state) for key in keys],
    )
    return asdict(asked)


def sender_handler(
    config: Config, own_addresses: Callable[[], list[Ip]] = own_addresses
) -> Handler:
    """Looks at one topic after the other, and reports after each.

    `own_addresses` are this machine's towards the rest of the world.
    """

    def handle(values: Mapping[str, Any], report: Report) -> None:
        asked = Question.of(values)
        about = {"address": asked.address, "mode": asked.mode, "host": asked.host}
        lookup = Lookup(Resolver(config.resolver, _ANSWER_SECONDS), clock.monotonic() + _SECONDS)
        topics: list[dict[str, Any]] = []
        if not asked.domain:
            report.write({"about": about, "topics": [asdict(_no_domain(asked))]})
            return
        seen = Seen(*sources(lookup, asked, own_addresses))
        for name, look in LOOKS:
            if report.cancelled():
                return
            topics += _looked(name, look, lookup, asked, seen)
            report.write({"about": about, "topics": topics})

    return handle


def read_topics(report: Mapping[str, Any]) -> list[Topic]:
    """The topics of a job's report."""
    return [
        Topic(
            topic["name"],
            [Finding(**finding) for finding in topic["findings"]],
            [DnsLine(**line) for line in topic["lines"]],
        )
        for topic in report.get("topics", ())
    ]


def _no_domain(asked: Question) -> Topic:
    topic = Topic("mx")
    topic.problem(
        _("%(address)s has no domain that the DNS could know.", address=asked.address),
        _("Enter a sender with a domain of yours, or set SYSMAIL_BUILTIN_ADDRESS."),
    )
    return topic


def _looked(
    name: str, look: Look, lookup: Lookup, asked: Question, seen: Seen
) -> list[dict[str, Any]]:
    topic = Topic(name)
    try:
        look(topic, lookup, asked, seen)
    except Unanswered as silent:
        topic.advice(
            _("The DNS gave no usable answer about %(name)s.", name=silent.name),
            _("Check again in a while; receivers may have the same trouble."),
        )
    return [asdict(topic)] if topic.findings else []
