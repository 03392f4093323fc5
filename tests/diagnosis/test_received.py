"""Pasted headers: what is read from them, and that hostile ones are only text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sysmail.diagnosis import Reading, read_headers

HEADERS = """\
Delivered-To: bob@example.com
Received: by 2002:a05:6a10:1234 with SMTP id abc; Sat, 1 Mar 2025 01:30:07 -0800 (PST)
Authentication-Results: mx.google.com;
       dkim=pass header.i=@portal.example.com header.s=s-rsa header.b="ab(c);";
       dkim=neutral (no key) header.i=@portal.example.com header.s=s-ed;
       spf=pass (google.com: domain of no-reply@portal.example.com designates
        203.0.113.9 as permitted sender) smtp.mailfrom=no-reply@portal.example.com;
       dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=portal.example.com
Received: from mail.portal.example.com (mail.portal.example.com. [203.0.113.9])
        by mx.google.com with ESMTPS id x1 for <bob@example.com>
        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384);
        Sat, 01 Mar 2025 01:30:06 -0800 (PST)
Authentication-Results: mail.portal.example.com; spf=fail smtp.mailfrom=x
Received: from localhost by mail.portal.example.com with SMTP; Sat, 1 Mar 2025 09:20:00 +0000
From: Portal <no-reply@portal.example.com>
Subject: Test

Authentication-Results: body.example; spf=fail
"""


def read(text: str = HEADERS) -> Reading:
    reading = read_headers(text)
    assert reading is not None
    return reading


def severities(reading: Reading) -> dict[str, str]:
    return {topic.name: topic.severity for topic in reading.topics}


def test_the_receivers_own_results_are_told_in_sentences() -> None:
    reading = read()
    assert reading.written_by == "mx.google.com"
    assert severities(reading) == {"spf": "ok", "dkim": "ok", "dmarc": "problem"}
    texts = [finding.text for topic in reading.topics for finding in topic.findings]
    assert texts == [
        "SPF passed for no-reply@portal.example.com.",
        "DKIM passed for portal.example.com.",
        "DMARC failed for portal.example.com.",
    ]
    assert reading.sender == "Portal <no-reply@portal.example.com>"


def test_the_way_is_told_in_order_with_delays_and_encryption() -> None:
    hops = read().hops
    assert [hop.server for hop in hops] == [
        "mail.portal.example.com", "mx.google.com", "2002:a05:6a10:1234",
    ]  # fmt: skip
    assert [hop.sender for hop in hops] == ["localhost", "mail.portal.example.com", ""]
    assert [hop.delay for hop in hops] == [
        None, timedelta(minutes=10, seconds=6), timedelta(seconds=1),
    ]  # fmt: skip
    assert [hop.encrypted for hop in hops] == [False, True, False]
    assert [hop.is_slow for hop in hops] == [False, True, False]
    assert read().total == timedelta(minutes=10, seconds=7)


def test_results_below_the_topmost_are_not_believed() -> None:
    forged = "Authentication-Results: evil.example; dmarc=pass\n" + HEADERS
    assert severities(read(forged)) == {"spf": "advice", "dkim": "advice", "dmarc": "ok"}
    honest = HEADERS.replace("dmarc=fail", "dmarc=none")
    assert severities(read(honest + forged))["dmarc"] == "advice"


def test_mails_that_nobody_judged_still_have_a_way() -> None:
    reading = read("Received: from a by b with LMTP; nonsense\r\nFrom: x@y.test\r\n")
    assert (reading.topics, reading.written_by) == ([], "")
    assert [(hop.at, hop.delay) for hop in reading.hops] == [(None, None)]
    assert reading.total is None


@pytest.mark.parametrize("text", ["", "\n\n", "hello", "Subject: x\n\nbody", "Received\n: x"])
def test_what_holds_neither_is_no_head(text: str) -> None:
    assert read_headers(text) is None


@pytest.mark.parametrize("result", ["softfail", "permerror", "temperror", "neutral", "<b>odd</b>"])
def test_every_result_has_a_sentence(result: str) -> None:
    reading = read(f"Authentication-Results: a; spf={result} smtp.mailfrom=x.test")
    assert "SPF" in reading.topics[0].findings[0].text
    assert reading.topics[0].severity != "ok"


HOSTILE = [
    "Received: " + "(" * 60000,
    "Authentication-Results: " + "a=" * 30000,
    "Authentication-Results: " + '"\\' * 30000,
    "Received: x; " + "9" * 60000,
    "\n".join(["Received: a"] + [" b"] * 30000),
    "Received: from " + "by " * 20000,
    "Received: a\n" * 10000,
    "\n \t" * 30000,
    "Authentication-Results:" + ";" * 60000,
    "Received: from a by b; Fri, 31 Feb 99999 99:99:99 +9999",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_heads_are_read_within_bounds(text: str) -> None:
    reading = read_headers(text)
    assert reading is None or len(reading.hops) <= 30


def test_long_values_are_cut() -> None:
    reading = read(
        "Authentication-Results: " + "a" * 5000 + "; spf=pass smtp.mailfrom=" + "b" * 400
    )
    assert len(reading.written_by) <= 120
    assert len(reading.topics[0].findings[0].text) <= 200


@given(st.text(max_size=500))
def test_any_text_is_read_or_refused(text: str) -> None:
    for pasted in (text, f"Received: {text}", f"Authentication-Results: {text}"):
        reading = read_headers(pasted)
        assert reading is None or reading.hops or reading.topics or reading.written_by == ""
