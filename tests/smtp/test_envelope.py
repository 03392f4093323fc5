"""What MAIL and RCPT say, and which addresses never get that far."""

import pytest

from sysmail.smtp import Accepted, Kind, Mode, Phase, Trouble, judge
from tests.support.smtp_client import MAIL, RECIPIENT, SENDER, opened, send, sending_trouble
from tests.support.smtpd import ScriptedSmtp


def test_the_size_is_declared_where_it_is_asked_for() -> None:
    with ScriptedSmtp(size=10_000) as server, opened(server) as session:
        send(session)
        assert server.ledger[0].mail_words == (f"SIZE={len(MAIL)}",)


def test_a_mail_beyond_the_limit_is_not_offered_and_the_connection_stays() -> None:
    with ScriptedSmtp(size=100) as server, opened(server) as session:
        trouble = sending_trouble(session, MAIL + b"x" * 100)
        assert isinstance(send(session, b"Subject: short\r\n"), Accepted)
        assert len(server.ledger) == 1
    assert (trouble.phase, trouble.kind) == (Phase.MAIL, Kind.TOO_LARGE)
    assert judge(trouble, Mode.EXTERNAL).cause == "message_too_large"


def test_a_limit_of_nought_is_no_limit() -> None:
    with ScriptedSmtp(size=0) as server, opened(server) as session:
        assert isinstance(send(session), Accepted)


def test_smtputf8_is_asked_for_where_an_address_needs_it(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        assert isinstance(send(session), Accepted)
        assert isinstance(send(session, rcpt_to="jürgen@example.com"), Accepted)
    plain, international = server.ledger
    assert plain.mail_words == ()
    assert international.mail_words == ("SMTPUTF8",)
    assert international.rcpt_to == ("jürgen@example.com",)


def test_eight_bit_headers_are_declared(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        session.send(SENDER, RECIPIENT, "To: jürgen@example.com\r\n\r\n".encode(), smtputf8=True)
    assert server.ledger[0].mail_words == ("SMTPUTF8", "BODY=8BITMIME")


def test_an_international_address_needs_a_server_that_takes_it() -> None:
    with ScriptedSmtp(smtputf8=False) as server, opened(server) as session:
        trouble = session.send(SENDER, "jürgen@example.com", MAIL)
        assert isinstance(trouble, Trouble)
        assert session.reusable
        assert server.commands == ["EHLO portal.example"]
    assert judge(trouble, Mode.EXTERNAL).cause == "international_address_unsupported"


def test_the_null_sender_is_allowed(server: ScriptedSmtp) -> None:
    with opened(server) as session:
        assert isinstance(session.send("", RECIPIENT, MAIL), Accepted)
    assert server.ledger[0].mail_from == ""


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bob",
        "bob@",
        "@example.com",
        "a@example.com,b@example.com",
        "a@example.com> ORCPT=x",
        "a@example.com>\r\nRCPT TO:<b@example.com",
        "a\x00b@example.com",
        "a b@example.com",
        "(comment)a@example.com",
        "Bob <bob@example.com>",
        "a@example.com\n",
        "<a@example.com>",
        "a@exam ple.com",
        "x" * 65 + "@example.com",
        "a@" + "x" * 254 + ".com",
    ],
)
def test_what_is_not_one_plain_address_never_reaches_the_server(
    server: ScriptedSmtp, address: str
) -> None:
    with opened(server) as session:
        trouble = session.send(SENDER, address, MAIL)
        assert isinstance(trouble, Trouble)
        assert session.reusable
        assert server.commands == ["EHLO portal.example"]
    assert judge(trouble, Mode.EXTERNAL).cause == "cannot_compose"


@pytest.mark.parametrize(
    "address",
    [
        "o'brien+tag@example.com",
        "-f@example.com",
        "a%b@example.com",
        "a!b@example.com",
        '"a b"@example.com',
        "bob@[127.0.0.1]",
        "bob@localhost",
        "bob@corp_x.internal",
    ],
)
def test_odd_but_plain_addresses_are_one_recipient(server: ScriptedSmtp, address: str) -> None:
    with opened(server) as session:
        assert isinstance(send(session, rcpt_to=address), Accepted)
    assert server.ledger[0].rcpt_to == (address,)
