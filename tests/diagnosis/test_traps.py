"""What providers really say is met by the trap written for it, through the real table."""

from __future__ import annotations

import re

import pytest

from sysmail.diagnosis import Explanation, explain
from sysmail.diagnosis.rule import Trap
from sysmail.diagnosis.traps import TRAPS
from sysmail.smtp import CAUSES, Kind, Mode, Phase, Trouble, judge
from sysmail.smtp.replies import assemble
from tests.diagnosis.replies import REPLIES
from tests.diagnosis.test_explain import JARGON

BOB = "bob@example.org"
OAUTH = ("authorization_refused", "authorization_unreachable")
each_reply = pytest.mark.parametrize(
    ("name", "phase", "line"), REPLIES, ids=[f"{name}: {line[:24]}" for name, _, line in REPLIES]
)
each_trap = pytest.mark.parametrize("trap", TRAPS, ids=[trap.name for trap in TRAPS])


def told_of(phase: str, line: str, mode: Mode = Mode.EXTERNAL) -> Explanation:
    code, _, text = line.partition(" ")
    reply = assemble(int(code), [text])
    verdict = judge(Trouble(Phase(phase), Kind.REPLY, reply), mode)
    return explain(
        verdict.cause,
        host="smtp.example.com",
        address=BOB,
        words=reply.words,
        code=reply.code,
        enhanced=reply.enhanced,
        mode=mode,
    )


@each_reply
def test_a_reply_is_explained_by_its_trap(name: str, phase: str, line: str) -> None:
    told = told_of(phase, line)
    assert told.rule == name
    assert told.is_known


@each_reply
def test_a_reply_with_its_codes_in_the_words_is_the_same(name: str, phase: str, line: str) -> None:
    code, _, text = line.partition(" ")
    trouble = Trouble(Phase(phase), Kind.REPLY, assemble(int(code), [text]))
    cause = judge(trouble, Mode.EXTERNAL).cause
    assert explain(cause, address=BOB, words=line).rule == name


@pytest.mark.parametrize("mode", ["external", "direct"])
@each_trap
def test_a_trap_is_told_in_plain_words(trap: Trap, mode: str) -> None:
    line = next(line for name, _, line in REPLIES if name == trap.name)
    told = explain(trap.causes.split()[0], host="mx.example", address=BOB, words=line, mode=mode)
    for sentence in (told.happened, told.todo):
        assert re.match("[A-Z]", sentence)
        assert sentence[-1] in ".)"
        assert "%(" not in sentence
        assert not JARGON.search(sentence)
    assert len(told.happened) < 140


@each_trap
def test_a_trap_stands_on_causes_that_exist(trap: Trap) -> None:
    known = {*CAUSES, *OAUTH}
    assert set(trap.causes.split()) <= known
    assert trap.like in {"", None, *known}
    assert trap.name not in known


def test_every_trap_has_a_reply_and_a_name_of_its_own() -> None:
    names = [trap.name for trap in TRAPS]
    assert len(set(names)) == len(names)
    assert set(names) == {name for name, _, _ in REPLIES}


def test_no_two_traps_say_the_same() -> None:
    happened = [trap.rule.happened.message for trap in TRAPS]
    told_by_cause = {explain(cause).happened for cause in CAUSES}
    assert [words for words in happened if happened.count(words) > 2] == []
    assert not set(happened) & told_by_cause


def test_the_sandbox_is_told_apart_from_an_unverified_sender() -> None:
    line = "554 Message rejected: Email address is not verified. Failed: Bob@Example.org"
    assert told_of("dot", line).rule == "ses_sandbox"
    assert told_of("dot", line.replace("Bob@Example.org", "me@example.com")).rule != "ses_sandbox"


def test_a_block_list_is_explained_by_whose_address_stands_on_it() -> None:
    line = "550 5.7.1 messages from [192.0.2.1] weren't sent, on our block list (S3140)"
    ours, theirs = told_of("rcpt", line), told_of("rcpt", line, Mode.DIRECT)
    assert ours.who == "Your mail provider"
    assert theirs.who == "You, as administrator"
    assert "this machine" in theirs.happened


def test_the_remedy_of_a_trap_may_be_that_of_another_cause() -> None:
    line = "553 5.7.1 <portal@example.com>: Sender address rejected: not logged in"
    assert told_of("rcpt", line).like == "login_required"
    assert told_of("mail", "550 5.1.8 Access denied, bad outbound sender").like is None
    assert told_of("auth", "535 5.7.8 no").like == "login_rejected"


def test_words_that_nobody_knows_are_told_as_such() -> None:
    told = told_of("mail", "550 5.7.1 the moon is full")
    assert not told.is_known
    assert "no rule matched" in told.happened


PASSWORDS_REFUSED = [
    (name, line)
    for name, phase, line in REPLIES
    if phase == "auth" and name[:6] in ("micros", "google")
]


@pytest.mark.parametrize(("name", "line"), PASSWORDS_REFUSED)
def test_pain_13_microsoft_and_google_refusing_passwords_is_explained(name: str, line: str) -> None:
    told = told_of("auth", line)
    assert told.rule == name
    assert (
        "Microsoft" in told.happened or "Google" in told.happened or "organization" in told.happened
    )
    assert "OAuth 2.0" in told.todo or "by itself" in told.todo


def test_pain_16_a_sender_that_is_not_the_login_is_named_with_its_remedy() -> None:
    line = "553 5.7.1 <portal@example.com>: Sender address rejected: not owned by user bob"
    told = told_of("mail", line)
    assert (told.rule, told.like) == ("sender_not_allowed", "sender_not_allowed")
    assert "belongs to the login" in told.todo


def test_google_is_named_by_its_own_words_alone() -> None:
    assert told_of("dot", "550 5.4.5 Daily sending quota exceeded").rule == "quota_exceeded"


def test_a_limit_of_24_hours_is_none_of_one_hour() -> None:
    line = "550 User portal@example.com has exceeded its 24-hour sending limit."
    assert told_of("rcpt", line).rule == "quota_exceeded"
    assert told_of("rcpt", line.replace("24-hour", "hourly")).rule == "hourly_limit"
    for other in ("48 hour sending limit", "daily sending quota. Try again in 1 hour"):
        assert told_of("rcpt", f"550 You exceeded your {other}").rule == "quota_exceeded"
