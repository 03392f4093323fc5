"""A whole message: its fields, its envelope, its sameness."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sysmail.mime import Address, Unsafe, build

ALWAYS = {
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("Content-Transfer-Encoding", "Content-Language", "Auto-Submitted"),
    *("X-Sysmail-Delivery", "X-Sysmail-Event"),
}
FULL = {
    "html": "<p>Hello</p>",
    "reply_to": Address("help@example.com", "Help, please"),
    "in_reply_to": "<1.event@portal.example.com>",
    "references": ("<1.event@portal.example.com>", "<2.event@portal.example.com>"),
    "list_id": "<record_added.portal.example.com>",
    "list_unsubscribe": "https://portal.example.com/unsubscribe/abc-DEF_123",
    "language": "ja",
}
hostile = st.one_of(
    st.text(),
    st.text(alphabet='=?utf-8qb0DA\r\n\x00:., <>@"\\Bcc\u202eé日\ud800', max_size=120),
)


def test_a_plain_message_has_exactly_the_necessary_fields(read) -> None:
    names = read().parsed.keys()
    assert sorted(names) == sorted(ALWAYS)


def test_a_full_message_has_exactly_the_fields_of_the_contract(read) -> None:
    mail = read(**FULL)
    extra = {"Reply-To", "In-Reply-To", "References", "List-Id"}
    extra |= {"List-Unsubscribe", "List-Unsubscribe-Post"}
    assert sorted(mail.parsed.keys()) == sorted(ALWAYS | extra)
    assert mail.mailbox("Reply-To") == ("Help, please", "help@example.com")
    assert mail.raw("References") == " ".join(FULL["references"])
    assert mail.raw("List-Id") == FULL["list_id"]
    assert mail.raw("List-Unsubscribe") == f"<{FULL['list_unsubscribe']}>"
    assert mail.raw("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    assert mail.raw("Content-Language") == "ja"
    assert mail.raw("Auto-Submitted") == "auto-generated"
    assert mail.raw("Message-ID") == "<7.delivery@portal.example.com>"
    assert mail.raw("X-Sysmail-Delivery") == "7"
    assert mail.raw("X-Sysmail-Event") == "record_added"


@given(hostile, hostile, hostile, hostile, st.none() | hostile)
def test_whatever_is_typed_there_is_one_message_with_the_expected_fields(
    read, subject: str, sender: str, recipient: str, text: str, html: str | None
) -> None:
    mail = read(
        subject=subject,
        sender=Address("no-reply@example.com", sender),
        recipient=Address("bob@example.com", recipient),
        text=text,
        html=html,
    )
    assert sorted(mail.parsed.keys()) == sorted(ALWAYS)
    assert mail.mailbox("From")[1] == "no-reply@example.com"
    assert mail.mailbox("To")[1] == "bob@example.com"
    assert len(mail.bodies()) == (1 if html is None else 2)


def test_the_envelope_holds_the_wire_addresses(message) -> None:
    built = build(
        message(sender=Address("post@bücher.example", "x"), recipient=Address("Bob@HOST", "y"))
    )
    assert built.envelope_from == "post@xn--bcher-kva.example"
    assert built.envelope_to == "Bob@host"
    assert not built.smtputf8
    assert b"<post@xn--bcher-kva.example>" in built.data


@pytest.mark.parametrize("field", ["sender", "recipient", "reply_to"])
def test_any_address_with_an_international_local_part_asks_for_smtputf8(message, field) -> None:
    assert build(message(**{field: Address("ボブ@example.com", "Bob")})).smtputf8


def test_the_same_message_gives_the_same_bytes(message) -> None:
    first, second = build(message(**FULL)), build(message(**FULL))
    assert first == second
    assert first.sha256 == hashlib.sha256(first.data).hexdigest()


def test_the_boundary_depends_on_what_is_told_alone(read) -> None:
    one = read(html="x", delivery="1").parsed.get_boundary()
    assert read(html="x", delivery="2").parsed.get_boundary() == one
    assert read(html="y", delivery="1").parsed.get_boundary() != one


def test_the_date_is_written_in_utc(read) -> None:
    tokyo = timezone(timedelta(hours=9))
    mail = read(date=datetime(2025, 3, 1, 9, 30, 59, 999, tzinfo=tokyo))
    assert mail.raw("Date") == "Sat, 01 Mar 2025 00:30:59 +0000"


def test_the_content_is_not_dot_stuffed(message) -> None:
    assert build(message(text="..\n.x\n")).data.endswith(b"\r\n\r\n..\r\n.x\r\n")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"message_id": "7@example.com"}, "Message-ID"),
        ({"message_id": "<7@example.com>\r\nBcc: x"}, "Message-ID"),
        ({"message_id": "<7@example.com>\n"}, "Message-ID"),
        ({"message_id": "<=?utf-8?q?x?=@example.com>"}, "Message-ID"),
        ({"message_id": "<a b@example.com>"}, "Message-ID"),
        ({"message_id": f"<{'a' * 121}@example.com>"}, "Message-ID"),
        ({"in_reply_to": "<a@b> <c@d>"}, "In-Reply-To"),
        ({"references": ("<a@b>", "<c@d>\r\n")}, "References"),
        ({"delivery": ""}, "X-Sysmail-Delivery"),
        ({"delivery": "7\r\nBcc: x"}, "X-Sysmail-Delivery"),
        ({"delivery": "7" * 65}, "X-Sysmail-Delivery"),
        ({"event": "Record added"}, "X-Sysmail-Event"),
        ({"event": "test\n"}, "X-Sysmail-Event"),
        ({"language": "en\r\nBcc: x"}, "Content-Language"),
        ({"language": "é"}, "Content-Language"),
        ({"list_id": "record.example.com"}, "List-Id"),
        ({"list_id": "<a>\r\n <b>"}, "List-Id"),
        ({"list_unsubscribe": "mailto:x@example.com"}, "List-Unsubscribe"),
        ({"list_unsubscribe": "javascript:alert(1)"}, "List-Unsubscribe"),
        ({"list_unsubscribe": "https://a/x>, <https://b/"}, "List-Unsubscribe"),
        ({"list_unsubscribe": "https://a/x,https://b/"}, "List-Unsubscribe"),
        ({"list_unsubscribe": "https://a/x\r\nBcc: x"}, "List-Unsubscribe"),
        ({"list_unsubscribe": "https://a/?x=?utf-8?q?y?="}, "List-Unsubscribe"),
        ({"list_unsubscribe": "https://a/" + "x" * 1000}, "List-Unsubscribe"),
        ({"date": datetime(2025, 3, 1)}, "Date"),  # noqa: DTZ001
    ],
)
def test_a_field_that_is_not_of_its_form_is_refused(message, changes, field: str) -> None:
    with pytest.raises(Unsafe) as refusal:
        build(message(**changes))
    assert refusal.value.field == field


def test_the_guard_stops_what_got_past_the_first_checks(message) -> None:
    bent = Address("bob@example.com", "Bob")
    object.__setattr__(bent, "wire", "bob@example.com>\r\nBcc: <eve@example.com")
    with pytest.raises(Unsafe) as refusal:
        build(message(recipient=bent))
    assert refusal.value.field == "data"


def test_an_early_date_is_written_with_four_digits(read) -> None:
    assert read(date=datetime(1970, 1, 1, tzinfo=UTC)).raw("Date").endswith("1970 00:00:00 +0000")
