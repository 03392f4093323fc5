"""Bodies arrive as typed, in seven bits."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

body_text = st.one_of(
    st.text(),
    st.text(alphabet=".\r\n =\tF", max_size=300),
    st.text(alphabet="a .=é", min_size=60, max_size=400),
    st.text(alphabet="日本語。\n", max_size=300),
)


def as_it_should_arrive(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", "\ufffd", text)
    text = text if text.endswith("\n") else text + "\n"
    return text.replace("\n", "\r\n")


@given(body_text)
@example(".")
@example(".\r.\r\n..\n.\r\r.\r\n\r\n.")
@example("From me\nFrom you")
@example("trailing blank \nand tab\t\n ")
@example("x" * 5000)
@example("日本語\n" * 50)
@example("é" * 999 + " " * 80)
def test_any_text_arrives_as_typed(read, text: str) -> None:
    assert read(text=text).bodies() == [as_it_should_arrive(text)]


@given(body_text, body_text)
@example("--=_x\n--", "<p>.</p>\r.\r--=_")
def test_text_and_html_both_arrive_as_typed(read, text: str, html: str) -> None:
    mail = read(text=text, html=html)
    assert mail.bodies() == [as_it_should_arrive(text), as_it_should_arrive(html)]
    types = [part.get_content_type() for part in mail.parsed.walk()]
    assert types == ["multipart/alternative", "text/plain", "text/html"]


@given(body_text, st.none() | body_text)
def test_every_body_line_is_short_ascii_ended_by_cr_lf(read, text: str, html: str | None) -> None:
    data = read(text=text, html=html).data
    lines = data.split(b"\r\n")
    assert data.isascii()
    assert lines[-1] == b""
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 78
    body = data.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert max(len(line) for line in body if not line.startswith(b"Content-")) <= 76


def test_a_lone_cr_is_a_line_break(read) -> None:
    assert read(text="one\rtwo\r\nthree\nfour\r\r").bodies() == [
        "one\r\ntwo\r\nthree\r\nfour\r\n\r\n"
    ]


def test_controls_that_no_mail_may_hold_are_replaced(read) -> None:
    assert read(text="a\x00b\x1bc\td\x7fe\ud800").bodies() == ["a\ufffdb\ufffdc\td\x7fe\ufffd\r\n"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Plain English.", "quoted-printable"),
        ("Grüße aus München, bis bald", "quoted-printable"),
        ("日本語の本文です。皆様のご確認をお願いいたします。", "base64"),
        ("=" * 100, "base64"),
    ],
)
def test_the_shorter_encoding_is_taken(read, text: str, encoding: str) -> None:
    assert read(text=text).parsed["Content-Transfer-Encoding"] == encoding


def test_plain_english_stays_readable_in_the_source(read) -> None:
    assert b"\r\n\r\nBob wrote a comment.\r\n" in read(text="Bob wrote a comment.").data


def test_a_boundary_typed_into_a_body_does_not_end_the_part(read) -> None:
    boundary = read(html="<p>x</p>").parsed.get_boundary()
    text = f"--{boundary}\nContent-Type: text/html\n\n<b>injected</b>\n--{boundary}--\n"
    mail = read(text=text, html="<p>x</p>")
    assert mail.bodies() == [as_it_should_arrive(text), "<p>x</p>\r\n"]
