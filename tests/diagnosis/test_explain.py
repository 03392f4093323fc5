"""Every cause is explained in words that someone new to mail servers can act on."""

from __future__ import annotations

import re

import pytest

from sysmail.diagnosis import explain
from sysmail.smtp import CAUSES

LOCAL = ("password_needed", "cannot_compose")
OAUTH = ("authorization_refused", "authorization_unreachable")
EVERY_CAUSE = sorted({*CAUSES, *LOCAL, *OAUTH})
JARGON = re.compile(r"\b(MX|EHLO|HELO|RCPT|DATA|5xx|4xx|enhanced|MAIL FROM|handshake)\b")


@pytest.mark.parametrize("mode", ["external", "direct", "relay"])
@pytest.mark.parametrize("cause", EVERY_CAUSE)
def test_every_cause_has_its_own_sentences(cause: str, mode: str) -> None:
    told = explain(cause, host="smtp.example.com", address="bob@example.org", mode=mode)
    assert told.is_known is (cause not in ("refused", "refused_for_now"))
    for sentence in (told.happened, told.todo):
        assert sentence[0].isupper()
        assert sentence[-1] in ".)"
        assert "%(" not in sentence
        assert not JARGON.search(sentence)
    assert told.who


def test_two_causes_never_say_the_same() -> None:
    told = [explain(cause, host="h.example", address="a@b.example").happened for cause in CAUSES]
    assert len(set(told)) == len(told)


def test_what_is_not_known_stays_out_of_the_sentence() -> None:
    for cause in EVERY_CAUSE:
        for mode in ("external", "direct"):
            happened = explain(cause, mode=mode).happened
            assert "  " not in happened
            assert happened[0].isupper()


def test_a_host_and_a_recipient_are_named_where_they_matter() -> None:
    assert "smtp.example.com" in explain("login_rejected", host="smtp.example.com").happened
    assert "bob@example.org" in explain("recipient_unknown", address="bob@example.org").happened
    assert "example.org" in explain("domain_unknown", address="bob@example.org").happened


def test_direct_mail_is_explained_from_the_recipients_side() -> None:
    ours = explain("connection_refused", host="mx.example.org")
    theirs = explain("connection_refused", host="mx.example.org", mode="direct")
    assert theirs.happened.startswith("The recipient's mail server mx.example.org")
    assert ours.who != theirs.who


@pytest.mark.parametrize("cause", ["recipient_try_later", "server_busy", "no_answer_after_data"])
def test_what_passes_by_itself_asks_for_nobody_until_it_is_given_up(cause: str) -> None:
    waiting, ended = explain(cause), explain(cause, will_repeat=False)
    assert "tried again by itself" in waiting.todo
    assert waiting.who == "Nobody"
    assert "not tried again by itself" in ended.todo
    assert ended.who == "You, as administrator"


def test_whether_it_is_tried_again_is_said_for_every_cause() -> None:
    for cause in EVERY_CAUSE:
        assert "by itself" in explain(cause).again
        assert "not tried again by itself" in explain(cause, will_repeat=False).again
        checked = explain(cause, for_check=True)
        assert checked.again.startswith("Check again")
        assert "mail waits" not in checked.todo


def test_what_to_do_stands_alone_too() -> None:
    told = explain("login_rejected")
    assert told.todo == told.act
    passing = explain("connection_refused")
    assert passing.todo == f"{passing.again} {passing.act}"
    assert (told.rule, told.like) == ("login_rejected", "login_rejected")


def test_an_unknown_cause_says_so_and_quotes_the_server() -> None:
    told = explain("something_new", words="599 5.9.9 the moon is full")
    assert not told.is_known
    assert told.happened.startswith("No rule matched")
    assert "599 5.9.9 the moon is full" in told.todo


def test_an_endless_reply_is_quoted_short() -> None:
    assert len(explain(None, words="x" * 5000).todo) < 500


def test_a_percent_sign_from_a_server_is_only_text() -> None:
    told = explain("recipient_unknown", host="%(host)s", address="50%s@example.org")
    assert "50%s@example.org" in told.happened


def test_a_refused_login_at_a_known_provider_says_what_to_enter_there() -> None:
    told = explain("login_rejected", host="smtp.fastmail.com")
    assert "Fastmail: Account name: the whole e-mail address." in told.act
    assert "app password" in told.act


def test_a_failed_proof_of_the_sender_is_no_missing_name() -> None:
    words = "The message was rejected because of Sender Policy Framework violation"
    told = explain("sender_unauthenticated", code=550, enhanced="5.7.23", words=words)
    assert told.rule == "sender_unauthenticated"


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("login_rejected", "535 5.7.8 Error: authentication failed"),
        ("login_rejected", "535 5.7.3 Authentication unsuccessful [AM0.PROD.OUTLOOK.COM]"),
        ("login_rejected", "535 5.7.8 Username and Password not accepted. p=BadCredentials"),
        ("basic_login_disabled", "SmtpClientAuthentication is disabled for the Mailbox."),
        ("no_common_mechanism", ""),
        ("password_needed", ""),
        ("app_password_required", "534 5.7.9 Application-specific password required"),
        ("login_required", "530 5.7.57 Client not authenticated"),
    ],
)
@pytest.mark.parametrize("host", ["smtp.gmail.com", "smtp.office365.com", "mail.example.com"])
def test_who_logs_in_with_a_token_is_not_asked_for_a_password(
    cause: str, words: str, host: str
) -> None:
    told = explain(cause, host=host, words=words, by_token=True)
    for sentence in (told.happened, told.todo):
        assert "password" not in sentence.lower().replace("choose password as log-in", "")
        assert "log in with OAuth 2.0" not in sentence
        assert not JARGON.search(sentence)
    assert (told.is_known, told.like) == (True, cause)


@pytest.mark.parametrize(
    ("words", "rule", "asks_for"),
    [
        ("invalid_client: AADSTS7000222: The keys are expired.", "token_secret_expired", "secret"),
        ("invalid_client: AADSTS7000215: Invalid secret", "token_client", "“Value”"),
        ("unauthorized_client: AADSTS700016: not found", "token_application", "Client ID"),
        ("invalid_request: AADSTS90002: Tenant not found", "token_application", "Tenant ID"),
        ("invalid_scope", "token_scope", "Scope"),
        ("nobody has consented yet", "token_no_consent", "Sign in and consent"),
        ("invalid_grant: Token has been revoked.", "token_consent", "Consent again"),
        ("no refresh token was granted", "token_not_lasting", "offline_access"),
        ("HTTP 404", "token_address", "Token address"),
        ("the answer holds no token", "token_address", "Token address"),
        ("something_new", "authorization_refused", "consent"),
    ],
)
def test_a_sign_in_service_that_refuses_is_told_by_its_error(
    words: str, rule: str, asks_for: str
) -> None:
    cause = "authorization_unreachable" if words.startswith("the") else "authorization_refused"
    told = explain(cause, words=words, by_token=True)
    assert (told.rule, told.like) == (rule, cause)
    assert asks_for in told.act
    assert "password" not in f"{told.happened} {told.act}".lower()
    assert explain("authorization_unreachable", words="HTTP 429").rule == (
        "authorization_unreachable"
    )


@pytest.mark.parametrize("cause", ["basic_login_disabled", "no_common_mechanism"])
def test_who_may_not_log_in_by_password_is_shown_the_way_by_token(cause: str) -> None:
    told = explain(cause, host="mail.example.com")
    assert "OAuth 2.0 as Log-in on the System Mail Account page" in told.act
    assert "app password" not in told.act
