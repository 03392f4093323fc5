"""What a server's bytes become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sysmail.smtp import Reply, hint_minutes
from sysmail.smtp.replies import NotAReply, assemble, parse_line


def reply(*lines: bytes) -> Reply:
    parsed = [parse_line(line) for line in lines]
    return assemble(parsed[0][0], [text for _, _, text in parsed])


@pytest.mark.parametrize(
    ("line", "code", "is_last", "text"),
    [
        (b"250 ok", 250, True, "ok"),
        (b"250-more", 250, False, "more"),
        (b"250", 250, True, ""),
        (b"250 ", 250, True, ""),
        (b"550-", 550, False, ""),
    ],
)
def test_a_line_splits_into_code_and_text(line: bytes, code: int, is_last: bool, text: str) -> None:
    assert parse_line(line) == (code, is_last, text)


@pytest.mark.parametrize(
    "line", [b"", b"ok", b"25 ok", b"2500 ok", b"150 ok", b"650 ok", b"250ok", b"HTTP/1.1 400"]
)
def test_what_is_no_reply_is_refused(line: bytes) -> None:
    with pytest.raises(NotAReply):
        parse_line(line)


def test_the_enhanced_code_is_found_and_not_repeated_in_the_words() -> None:
    heard = reply(b"550-5.1.1 no such user", b"550 5.1.1 really")
    assert heard.enhanced == "5.1.1"
    assert heard.words == "no such user really"
    assert heard.text == "5.1.1 no such user\n5.1.1 really"
    assert str(heard) == "550 5.1.1 no such user really"


@pytest.mark.parametrize("line", [b"550 4.1.1 x", b"550 5.1 x", b"550 5.1.1.1 x", b"550 x 5.1.1"])
def test_an_enhanced_code_of_another_class_or_form_does_not_count(line: bytes) -> None:
    assert reply(line).enhanced is None


@given(st.binary(max_size=300))
def test_words_are_one_printable_line_whatever_the_server_sends(noise: bytes) -> None:
    words = reply(b"550 " + noise.replace(b"\n", b"")).words
    assert words.isprintable()
    assert len(words) <= 500


def test_bidirectional_and_escape_characters_are_taken_out() -> None:
    assert reply("550 a\u202eb\x1b[31m\x00c\u200bd".encode()).words == "ab[31mcd"


def test_what_the_server_echoes_of_a_secret_is_blotted_out() -> None:
    heard = reply(b"535-no hunter2", b"535 hunter2hunter2").without(["hunter2"])
    assert heard.lines == ("no ***", "******")


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("Greylisted, please try again in 5 minutes", 5),
        ("try again in 300 seconds", 5),
        ("Please retry after 61 seconds.", 2),
        ("come back in 1 hour", 60),
        ("Greylisting in action, please come back in 00:04:59", 5),
        ("try again in 3 seconds", 1),
        ("try again in 40000 minutes", None),
        ("no such user", None),
        ("5 minutes of fame", None),
    ],
)
def test_a_hint_when_to_try_again_is_read_within_reason(words: str, minutes: int | None) -> None:
    assert hint_minutes(Reply(451, None, (words,))) == minutes
