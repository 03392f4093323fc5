"""Header text arrives as typed, within RFC 5322's and RFC 2047's limits."""

import re
from email import message_from_bytes, policy
from email.header import decode_header

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sysmail.mime import Address, build, one_line

HOSTILE_WORD = "=?utf-8?q?hello=0D=0ABcc:_victim@example.com?="
JAPANESE = "レコードが追加されました：第三四半期の予算について、皆様のご確認をお願いいたします。"

header_text = st.one_of(
    st.text(),
    st.text(alphabet='=?utf8qbQB_ \r\n\t:,<>@"\\é\U0001f600\u202e', max_size=200),
    st.text(alphabet="日本語 abc", max_size=300),
    st.text(alphabet="ab \U0001f469\u200d\U0001f4bb", max_size=300),
)

near_the_limits = st.one_of(
    header_text,
    st.builds(
        lambda word, size, rest: word * size + rest,
        st.sampled_from(["x", "x, ", "é", "日", "é日", "\U0001f600", "xé", '"', "word "]),
        st.integers(1, 200),
        st.sampled_from(["", " y", " " + "y" * 74, " " + "y" * 75, " " + "y" * 76, " é"]),
    ),
)


def encoded_words(head: str) -> list[str]:
    return re.findall(r"=\?\S*\?=", head)


@given(near_the_limits)
@example(HOSTILE_WORD)
@example(JAPANESE)
@example("x" * 2000)
@example("\U0001f469\u200d\U0001f4bb" * 40)
def test_any_subject_arrives_as_typed(read, subject: str) -> None:
    assert read(subject=subject).text("Subject") == one_line(subject)


@given(near_the_limits)
@example('Smith, Alice "Al" <eve@example.com>')
@example(HOSTILE_WORD)
@example("back\\slash \\")
@example("x" * 2000)
def test_any_display_name_arrives_as_typed(read, name: str) -> None:
    mail = read(recipient=Address("bob@example.com", name))
    assert mail.mailbox("To") == (one_line(name), "bob@example.com")


@given(near_the_limits, near_the_limits)
@example("x" * 67, "y" * 70)
@example("x" * 68, "y" * 71)
@example("x " + "y" * 75, "x " + "y" * 75)
@example("x " + "y" * 76, "x " + "y" * 76)
def test_no_text_makes_a_line_too_long_or_an_encoded_word_undecodable(
    read, subject: str, name: str
) -> None:
    head = read(subject=subject, sender=Address("no-reply@example.com", name)).head
    assert max(map(len, head.split("\r\n"))) <= 76
    for word in encoded_words(head):
        [(octets, charset)] = decode_header(word)
        assert charset == "utf-8"
        assert octets.decode("utf-8")
        assert len(word) <= 75


@given(st.text(alphabet="=?utf8qb_ \r\n:日\U0001f600", max_size=150))
@example(HOSTILE_WORD)
def test_the_standard_librarys_modern_parser_reads_the_same_subject(message, subject: str) -> None:
    data = build(message(subject=subject)).data
    parsed = message_from_bytes(data, policy=policy.default)
    assert parsed["Subject"] == one_line(subject)
    assert "Bcc" not in parsed


def test_an_encoded_word_in_the_subject_is_text_not_a_header(read) -> None:
    mail = read(subject=HOSTILE_WORD)
    assert mail.text("Subject") == HOSTILE_WORD
    assert mail.parsed["Bcc"] is None
    assert HOSTILE_WORD not in mail.head


def test_a_long_japanese_subject_folds_into_whole_characters(read) -> None:
    mail = read(subject=JAPANESE)
    words = encoded_words(mail.head)
    assert len(words) > 1
    assert "".join(decode_header(word)[0][0].decode() for word in words) == JAPANESE
    assert all(word.startswith("=?utf-8?b?") for word in words)


def test_mostly_latin_text_is_encoded_readably(read) -> None:
    assert "Subject: =?utf-8?q?R=C3=A9sum=C3=A9_of_Q3?=" in read(subject="Résumé of Q3").head


def test_plain_text_stays_readable_and_folds_at_blanks(read) -> None:
    head = read(subject="word " * 40).head
    assert "=?" not in head
    assert head.count("\r\n word word") == 2


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "To: bob@example.com\r\n"),
        ("Bob Smith", "To: Bob Smith <bob@example.com>\r\n"),
        ("Smith, Bob", 'To: "Smith, Bob" <bob@example.com>\r\n'),
        ("R. O'Neil", 'To: "R. O\'Neil" <bob@example.com>\r\n'),
        ('Bob "B" \\', 'To: "Bob \\"B\\" \\\\" <bob@example.com>\r\n'),
        ("eve@example.com", 'To: "eve@example.com" <bob@example.com>\r\n'),
        ("Günther", "To: =?utf-8?q?G=C3=BCnther?= <bob@example.com>\r\n"),
        ("スミス", "To: =?utf-8?b?44K544Of44K5?= <bob@example.com>\r\n"),
        ("Bob\r\nBcc: eve@example.com", 'To: "Bob Bcc: eve@example.com" <bob@example.com>\r\n'),
    ],
)
def test_a_display_name_is_written_as_a_phrase(read, name: str, written: str) -> None:
    assert written in read(recipient=Address("bob@example.com", name)).head


def test_an_international_address_stands_in_the_header_as_utf_8(message) -> None:
    built = build(message(recipient=Address("ボブ@例え.test", "ボブ, 様")))
    assert built.smtputf8
    assert "<ボブ@例え.test>".encode() in built.data
    assert b"=?utf-8?b?" in built.data


def test_one_line_removes_what_cannot_be_seen_and_folds_white_space() -> None:
    assert one_line(" a\r\n\tb \u3000 c\u2028d ") == "a b c d"
    assert one_line("a\x00b\x1bc\x7fd\u009be") == "abcde"
    assert one_line("\u202aa\u202eb\u2066c\u2069d\u200ee\u200ff\u061cg") == "abcdefg"
    assert one_line("a \x00 b") == "a b"
    assert one_line("a\ud800b") == "a\ufffdb"
    assert one_line("\U0001f469\u200d\U0001f4bb") == "\U0001f469\u200d\U0001f4bb"
