"""Signatures that others verify, whatever the mail holds, and that no change survives."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sysmail.mime import (
    Address,
    Message,
    SigningKey,
    Unsafe,
    build,
    guard,
    key_record,
    load_key,
    make_key,
    sign,
    signed,
)
from tests.mime.conftest import PLAIN, Reader
from tests.support.dkim_verifiers import dkimpy_accepts, opendkim_says

DOMAIN = "portal.example.com"
BOTH = ["rsa-sha256 pass", "ed25519-sha256 pass"]


class Pair:
    """An RSA and an Ed25519 key, and what the DNS says of them."""

    def __init__(self) -> None:
        self.keys: list[SigningKey] = []
        self.records: dict[str, str] = {}
        for algorithm in ("rsa", "ed25519"):
            pem, public = make_key(algorithm)
            self.keys.append(load_key(DOMAIN, f"s-{algorithm}", pem))
            self.records[f"s-{algorithm}._domainkey.{DOMAIN}"] = key_record(algorithm, public)


@pytest.fixture(scope="module")
def pair() -> Pair:
    return Pair()


HOSTILE = {
    "subject": "  Ünï  “ACME”,\ttabs  and a very long line " * 6,
    "text": "\r\n\r\n.\r\n  leading\ttabs \t\n\n\ntrailing \n\n\n",
    "html": "<p>\u00fc \t </p>\n\n",
    "list_id": "<leads.portal.example.com>",
    "list_unsubscribe": "https://portal.example.com/unsubscribe/7.record_added.abc",
    "references": ("<a@example.com>", "<b@example.com>"),
    "in_reply_to": "<a@example.com>",
    "reply_to": Address("desk@example.com", 'Desk, "the"'),
}


@pytest.mark.parametrize("changes", [{}, HOSTILE, {"text": ""}, {"text": "名" * 3000}])
def test_both_signatures_are_verified_by_others(
    message: Callable[..., Message], pair: Pair, tmp_path: Path, changes: dict[str, object]
) -> None:
    data = signed(build(message(**changes)), pair.keys).data
    assert dkimpy_accepts(data, pair.records)
    assert opendkim_says(data, pair.records, tmp_path) == BOTH


def test_what_servers_do_on_the_way_breaks_nothing(pair: Pair, tmp_path: Path) -> None:
    data = sign(build(PLAIN).data, pair.keys)
    data = data.replace(b"\r\nTo: ", b"\r\nTO:\t ").replace(b"Hello", b"Hello ")
    relayed = (
        b"Received: by mx.example.com; Sat, 1 Mar 2025 09:30:00 +0000\r\n" + data + b"\r\n\r\n"
    )
    assert opendkim_says(relayed, pair.records, tmp_path) == BOTH


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: ", b"Subject: x\r\nSubject: "),
        (b"From: ", b"From: eve@example.com\r\nFrom: "),
        (b"/unsubscribe/", b"/unsubscribe/x"),
        (b"=One-Click", b"=Two-Clicks"),
        (b"Hello", b"Hullo"),
        (b"To: Bob", b"To: Rob"),
        (b"Content-Type: text/plain", b"Content-Type: text/html"),
    ],
)
def test_no_change_survives(
    message: Callable[..., Message], pair: Pair, tmp_path: Path, old: bytes, new: bytes
) -> None:
    listed = message(list_unsubscribe="https://portal.example.com/unsubscribe/7")
    data = sign(build(listed).data, pair.keys)
    assert data.count(old) == 1
    changed = data.replace(old, new)
    assert not dkimpy_accepts(changed, pair.records)
    assert "pass" not in " ".join(opendkim_says(changed, pair.records, tmp_path))


def test_rsa_stands_first_and_everything_is_covered(pair: Pair) -> None:
    reader = Reader(sign(build(PLAIN).data, pair.keys))
    first, second = (re.sub(r"\s", "", value) for value in reader.parsed.get_all("DKIM-Signature"))
    assert first.startswith("v=1;a=rsa-sha256;c=relaxed/relaxed;d=portal.example.com;s=s-rsa;")
    assert ";a=ed25519-sha256;" in second
    named = re.search(r"h=([^;]+)", first)
    assert named
    names = named[1].split(":")
    unsigned = {name.lower() for name in reader.parsed} - {"dkim-signature"} - set(names)
    assert (unsigned, names.count("from"), names.count("subject")) == (set(), 2, 2)


def test_a_signature_holds_no_clock_and_comes_out_the_same(pair: Pair) -> None:
    data = sign(build(PLAIN).data, pair.keys)
    assert sign(build(PLAIN).data, pair.keys) == data
    head = data.partition(b"From: ")[0]
    assert not re.search(rb"[ ;][tx]=", head)
    assert max(map(len, head.split(b"\r\n"))) <= 76


def test_a_signed_mail_passes_the_guard_with_one_signature_or_two_but_not_three(pair: Pair) -> None:
    data = build(PLAIN).data
    names = [name for name, _ in Reader(data).parsed.items()]
    for count in (1, 2):
        guard(sign(data, pair.keys[:count]), [*names, *["DKIM-Signature"] * count])
    with pytest.raises(Unsafe):
        guard(sign(sign(data, pair.keys), pair.keys[:1]), [*names, *["DKIM-Signature"] * 3])


def test_without_keys_a_mail_stays_as_it_is(pair: Pair) -> None:
    built = build(PLAIN)
    assert signed(built, []) is built
    assert signed(built, pair.keys).sha256 != built.sha256


def test_an_international_address_is_signed_too(
    message: Callable[..., Message], pair: Pair
) -> None:
    data = sign(build(message(recipient=Address("jürgen@例え.jp", "Jürgen"))).data, pair.keys)
    assert dkimpy_accepts(data, pair.records)


@settings(max_examples=25)
@given(subject=st.text(max_size=200), text=st.text(max_size=400), at=st.integers(0, 2**33))
def test_any_words_verify(pair: Pair, subject: str, text: str, at: int) -> None:
    words = Message(
        sender=PLAIN.sender,
        recipient=PLAIN.recipient,
        subject=subject,
        text=text,
        message_id=PLAIN.message_id,
        date=datetime.fromtimestamp(at, UTC),
        delivery="7",
        event="test",
    )
    assert dkimpy_accepts(sign(build(words).data, pair.keys), pair.records)
