"""Diagnosis: what a cause means, who must act and what to do, in plain words."""

from sysmail.diagnosis.checked import (
    FAILED,
    OK,
    RUNNING,
    SKIPPED,
    WAITING,
    Checked,
    Taken,
    read_checked,
)
from sysmail.diagnosis.checking import (
    Asking,
    ask_check,
    errand_for,
    errand_of,
    typed_for,
    with_typed_secret,
)
from sysmail.diagnosis.connection import Limits, checker, examine
from sysmail.diagnosis.errand import KIND as CHECK
from sysmail.diagnosis.errand import Errand
from sysmail.diagnosis.explain import Explanation, explain
from sysmail.diagnosis.finding import DnsLine, Finding, Topic
from sysmail.diagnosis.received import Hop, Reading, read_headers
from sysmail.diagnosis.repairing import Repair, repairs, was_encrypted
from sysmail.diagnosis.sender import SENDER_JOB, read_topics, sender_handler, sender_question

__all__ = [
    "CHECK",
    "FAILED",
    "OK",
    "RUNNING",
    "SENDER_JOB",
    "SKIPPED",
    "WAITING",
    "Asking",
    "Checked",
    "DnsLine",
    "Errand",
    "Explanation",
    "Finding",
    "Hop",
    "Limits",
    "Reading",
    "Repair",
    "Taken",
    "Topic",
    "ask_check",
    "checker",
    "errand_for",
    "errand_of",
    "examine",
    "explain",
    "read_checked",
    "read_headers",
    "read_topics",
    "repairs",
    "sender_handler",
    "sender_question",
    "typed_for",
    "was_encrypted",
    "with_typed_secret",
]
