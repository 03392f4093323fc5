"""The guard sees what was not meant to be there."""

import pytest

from sysmail.mime import Unsafe, guard

NAMES = ("From", "Subject")
GOOD = b"From: a@b\r\nSubject: x\r\n y\r\n\r\n.\r\nbody\r\n"


def test_a_good_message_passes() -> None:
    assert guard(GOOD, NAMES) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"\r\n" + GOOD,
        b" folded\r\n" + GOOD,
        b"From: a@b\r\nSubject: x\r\n",
        GOOD[:-2],
        b"Bcc: e@x\r\n" + GOOD,
        b"not a field\r\n" + GOOD,
        b"From: a@b\r\n\r\nbody\r\n",
        b"From: a@b\r\nsubject: x\r\n\r\nbody\r\n",
        b"From: a@b\r\nSubject : x\r\n\r\nbody\r\n",
        b"From: a@b\r\nSubject: x\r\n \r\n\r\nbody\r\n",
        GOOD.replace(b"\r\n y", b"\r\nBcc: e@x"),
        GOOD.replace(b"\r\n y", b"\r\nSubject: y"),
        GOOD.replace(b" y", b"\rBcc: e@x"),
        GOOD.replace(b" y", b"\nBcc: e@x"),
        GOOD.replace(b"body", b"bo\rdy"),
        GOOD.replace(b"body", b"\n.\n"),
        GOOD.replace(b"body", b"bo\x00dy"),
        GOOD.replace(b"body", b"bo\x1bdy"),
        GOOD.replace(b"body", "é".encode()),
        GOOD.replace(b"body", b"x" * 999),
        GOOD.replace(b" y", b" " + b"y" * 998),
        GOOD.replace(b" y", " é".encode()),
        GOOD.replace(b" y", b" =?utf-8?q?=0D=0ABcc:_e?="),
        GOOD.replace(b" y", b" =?utf-8?b?DQpCY2M6IGU=?="),
        GOOD.replace(b" y", b" =?utf-8?q?=E2=80=A8?="),
        GOOD.replace(b" y", b" =?utf-8?q?=E3=81?="),
        GOOD.replace(b" y", b" =?iso-8859-1?q?x?="),
        GOOD.replace(b" y", b" =?UTF-8?Q?x?="),
        GOOD.replace(b" y", b" =?unfinished"),
    ],
)
def test_a_message_that_was_tampered_with_is_refused(data: bytes) -> None:
    with pytest.raises(Unsafe) as refusal:
        guard(data, NAMES)
    assert refusal.value.field == "data"


def test_a_line_of_998_octets_passes() -> None:
    data = GOOD.replace(b"body", b"x" * 998)
    assert guard(data, NAMES) is None  # type: ignore[func-returns-value]


def test_a_field_that_is_there_twice_is_refused_even_when_expected() -> None:
    twice = b"From: a@b\r\nFrom: a@b\r\n\r\nbody\r\n"
    with pytest.raises(Unsafe):
        guard(twice, ("From", "From"))


def test_utf_8_passes_in_the_header_alone_and_only_with_smtputf8() -> None:
    header = GOOD.replace(b"a@b", "é@b".encode())
    assert guard(header, NAMES, smtputf8=True) is None  # type: ignore[func-returns-value]
    for data in (GOOD.replace(b"body", "é".encode()), GOOD.replace(b"a@b", b"a\x00@b")):
        with pytest.raises(Unsafe):
            guard(data, NAMES, smtputf8=True)
