"""The classification table, row by row, as an external server and as a stranger's."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from sysmail.smtp import CAUSES, Accepted, Kind, Mode, Phase, Reply, Trouble, Verdict, judge
from sysmail.smtp.replies import assemble
from sysmail.smtp.table import TABLE


class Case(NamedTuple):
    phase: str
    seen: str
    meaning: str
    cause: str


def heard(phase: str, line: str, starttls_unused: bool = False) -> Trouble:
    code, _, text = line.partition(" ")
    reply = assemble(int(code), [text])
    return Trouble(Phase(phase), Kind.REPLY, reply, starttls_unused=starttls_unused)


def trouble_of(case: Case) -> Trouble:
    if case.seen[0].isdigit():
        return heard(case.phase, case.seen)
    return Trouble(Phase(case.phase), Kind(case.seen))


def meaning(verdict: Verdict) -> str:
    return f"{verdict.klass} {verdict.scope}"


T_A, C_A, T_M, P_M = "transient account", "config account", "transient message", "permanent message"
CASES = [
    Case("resolve", "dns_missing", C_A, "host_unknown"),
    Case("resolve", "dns_failed", T_A, "dns_unavailable"),
    Case("resolve", "domain_missing", P_M, "domain_unknown"),
    Case("resolve", "no_mx_null", P_M, "domain_takes_no_mail"),
    Case("resolve", "domain_unroutable", P_M, "domain_unroutable"),
    Case("resolve", "not_allowed", C_A, "host_not_allowed"),
    Case("connect", "refused", T_A, "connection_refused"),
    Case("connect", "timeout", T_A, "connection_timeout"),
    Case("connect", "unreachable", T_A, "network_unreachable"),
    Case("connect", "port_25_blocked", C_A, "port_25_blocked"),
    Case("greeting", "timeout", T_A, "no_greeting"),
    Case("greeting", "mismatch", C_A, "encryption_mismatch"),
    Case("tls", "mismatch", C_A, "encryption_mismatch"),
    Case("greeting", "421 4.3.2 busy", T_A, "server_busy"),
    Case("greeting", "450 later", T_A, "server_busy"),
    Case("greeting", "554 5.7.1 no", C_A, "server_refuses_us"),
    Case("ehlo", "501 5.5.4 bad name", C_A, "helo_rejected"),
    Case("ehlo", "450 4.7.1 Helo command rejected: Host not found", C_A, "helo_rejected"),
    Case("rcpt", "504 5.5.2 <me>: Helo command rejected: need a full name", C_A, "helo_rejected"),
    Case("mail", "550 Access denied - Invalid HELO name", C_A, "helo_rejected"),
    Case("starttls", "no_starttls", C_A, "starttls_not_offered"),
    Case("starttls", "502 5.5.1 no", C_A, "starttls_not_offered"),
    Case("starttls", "454 4.7.0 not now", T_A, "tls_not_now"),
    Case("tls", "tls_untrusted", C_A, "certificate_untrusted"),
    Case("tls", "tls_wrong_name", C_A, "certificate_wrong_name"),
    Case("tls", "tls_expired", C_A, "certificate_expired"),
    Case("tls", "tls_not_yet_valid", C_A, "certificate_not_yet_valid"),
    Case("tls", "tls_too_old", C_A, "tls_too_old"),
    Case("tls", "tls_failed", T_A, "tls_failed"),
    Case("tls", "lost", T_A, "tls_failed"),
    Case("tls", "timeout", T_A, "tls_failed"),
    Case("auth", "authorization_refused", C_A, "authorization_refused"),
    Case("auth", "authorization_unreachable", T_A, "authorization_unreachable"),
    Case("auth", "535 5.7.8 wrong", C_A, "login_rejected"),
    Case("auth", "535 wrong", C_A, "login_rejected"),
    Case("auth", "535 5.7.3 Authentication unsuccessful", C_A, "login_rejected"),
    Case("auth", "535 5.7.139 disabled", C_A, "basic_login_disabled"),
    Case("auth", "550 5.7.30 Basic authentication is not supported", C_A, "basic_login_disabled"),
    Case("auth", "534 5.7.9 Application-specific password", C_A, "app_password_required"),
    Case("auth", "534 5.7.9 mechanism too weak", C_A, "no_common_mechanism"),
    Case("auth", "504 5.5.4 unknown mechanism", C_A, "no_common_mechanism"),
    Case("auth", "no_mechanism", C_A, "no_common_mechanism"),
    Case("auth", "no_auth_offered", C_A, "auth_not_offered"),
    Case("auth", "432 4.7.12 A password transition is needed", C_A, "login_rejected"),
    Case("auth", "454 4.7.0 Temporary failure", T_A, "login_try_later"),
    Case("auth", "421 4.7.0 Too many", T_A, "login_try_later"),
    Case("auth", "530 5.7.0 Must issue a STARTTLS command first", C_A, "encryption_required"),
    Case("auth", "538 5.7.11 Encryption required", C_A, "encryption_required"),
    Case("auth", "clear_login_refused", C_A, "encryption_required"),
    Case("mail", "530 5.7.0 Must issue a STARTTLS command first", C_A, "encryption_required"),
    Case("mail", "530 5.7.0 Authentication required", C_A, "login_required"),
    Case("rcpt", "530 5.7.57 Client not authenticated", C_A, "login_required"),
    Case("rcpt", "503 This mail server requires authentication", C_A, "login_required"),
    Case("mail", "553 sorry", C_A, "sender_not_allowed"),
    Case("mail", "550 5.1.8 domain not found", C_A, "sender_not_allowed"),
    Case("rcpt", "550 5.1.7 bad sender", C_A, "sender_not_allowed"),
    Case("rcpt", "553 5.7.1 <a@b>: Sender address rejected: not owned by user", C_A,
         "sender_not_allowed"),
    Case("rcpt", "550 5.7.1 Client lacks permissions to send as this sender", C_A,
         "sender_not_allowed"),
    Case("rcpt", "554 5.7.1 <a@b>: Sender address rejected: Access denied", C_A,
         "sender_not_allowed"),
    Case("dot", "550 5.7.1 Unconfigured Sending Domain <b>", C_A, "sender_not_allowed"),
    Case("dot", "550 5.7.60 no permission", C_A, "sender_not_allowed"),
    Case("dot", "554 5.2.252 SendAsDenied", C_A, "sender_not_allowed"),
    Case("dot", "554 Message rejected: Email address is not verified.", C_A, "sender_not_allowed"),
    Case("mail", "too_large", P_M, "message_too_large"),
    Case("mail", "552 5.3.4 too big", P_M, "message_too_large"),
    Case("mail", "552 too big", P_M, "message_too_large"),
    Case("dot", "552 5.3.4 too big", P_M, "message_too_large"),
    Case("dot", "552 5.2.3 Message size exceeds maximum", P_M, "message_too_large"),
    Case("mail", "needs_smtputf8", P_M, "international_address_unsupported"),
    Case("dot", "454 Throttling failure: Maximum sending rate exceeded.", T_A, "sending_too_fast"),
    Case("mail", "432 4.3.2 Concurrent connections", T_A, "sending_too_fast"),
    Case("rcpt", "450 4.7.1 relay limit exceeded", T_A, "sending_too_fast"),
    Case("dot", "454 Throttling failure: Daily message quota exceeded.", C_A, "quota_exceeded"),
    Case("rcpt", "550 5.4.5 Daily user sending limit exceeded", C_A, "quota_exceeded"),
    Case("rcpt", "550 5.1.90 your daily limit for message recipients", C_A, "quota_exceeded"),
    Case("dot", "550 5.7.233 tenant exceeded its daily limit", C_A, "quota_exceeded"),
    Case("rcpt", "550 Domain b has exceeded the max emails per hour (301/300) allowed.", C_A,
         "quota_exceeded"),
    Case("mail", "550 Mail quota exceeded", C_A, "quota_exceeded"),
    Case("mail", "550 5.7.1 <a@b>: sender reached its sending limit", C_A, "quota_exceeded"),
    Case("rcpt", "554 5.7.1 <a@b>: Sender address rejected: sending limit for the day reached",
         C_A, "quota_exceeded"),
    Case("rcpt", "550 Daily sending quota exceeded", C_A, "quota_exceeded"),
    Case("dot", "554 You have exceeded your daily relay quota", C_A, "quota_exceeded"),
    Case("mail", "552 Mail quota exceeded", C_A, "quota_exceeded"),
    Case("rcpt", "550 5.7.1 Mail quota exceeded", C_A, "quota_exceeded"),
    Case("mail", "554 The limit on the number of allowed outgoing messages was exceeded", C_A,
         "quota_exceeded"),
    Case("rcpt", "550 5.7.1 too many messages in an hour", T_A, "sending_too_fast"),
    Case("rcpt", "550 the mailbox has reached its daily limit of messages", P_M,
         "recipient_unknown"),
    Case("rcpt", "550 Recipient quota exceeded", T_M, "mailbox_full"),
    Case("rcpt", "550 user is over quota", T_M, "mailbox_full"),
    Case("rcpt", "550 Mailbox quota exceeded", T_M, "mailbox_full"),
    Case("rcpt", "550 Mail quota exceeded", T_M, "mailbox_full"),
    Case("rcpt", "550 action aborted: exceeded storage allocation", T_M, "mailbox_full"),
    Case("rcpt", "550 5.2.2 daily quota exceeded", T_M, "mailbox_full"),
    Case("dot", "550 5.2.2 daily quota exceeded", T_M, "mailbox_full"),
    Case("rcpt", "452 4.2.2 Mail quota exceeded", T_M, "recipient_try_later"),
    Case("rcpt", "450 4.2.2 daily quota exceeded", T_M, "recipient_try_later"),
    Case("rcpt", "550 5.1.1 no such user; outgoing limit", P_M, "recipient_unknown"),
    Case("dot", "552 Mail size limit exceeded", P_M, "message_too_large"),
    Case("rcpt", "450 4.7.1 hourly limit of messages reached", C_A, "quota_exceeded"),
    Case("rcpt", "450 4.2.1 the mailbox receives more than its limit per hour", T_M,
         "recipient_try_later"),
    Case("rcpt", "450 4.2.0 Greylisted", T_M, "recipient_try_later"),
    Case("rcpt", "451 later", T_M, "recipient_try_later"),
    Case("rcpt", "452 4.2.2 over quota", T_M, "recipient_try_later"),
    Case("rcpt", "450 4.2.1 user is receiving mail too quickly", T_M, "recipient_try_later"),
    Case("rcpt", "550 no such user", P_M, "recipient_unknown"),
    Case("rcpt", "550 5.1.1 no such user", P_M, "recipient_unknown"),
    Case("rcpt", "551 not here", P_M, "recipient_unknown"),
    Case("rcpt", "553 mailbox name not allowed", P_M, "recipient_unknown"),
    Case("rcpt", "550 5.1.10 not found", P_M, "recipient_unknown"),
    Case("rcpt", "550 5.2.1 disabled", P_M, "recipient_unknown"),
    Case("rcpt", "552 full", T_M, "mailbox_full"),
    Case("rcpt", "550 5.2.2 full", T_M, "mailbox_full"),
    Case("dot", "552 5.2.2 full", T_M, "mailbox_full"),
    Case("rcpt", "554 5.7.1 Relay access denied", C_A, "relay_denied"),
    Case("rcpt", "550 relay not permitted", C_A, "relay_denied"),
    Case("dot", "550 5.7.26 unauthenticated", C_A, "sender_unauthenticated"),
    # RFC 7372, section 3: what failed was DKIM (20 to 22) or SPF (23, 24).
    Case("rcpt", "550 5.7.20 no passing signature", C_A, "sender_unauthenticated"),
    Case("dot", "550 5.7.23 Sender Policy Framework violation", C_A, "sender_unauthenticated"),
    Case("rcpt", "550 SPF: not allowed to send mail", C_A, "sender_unauthenticated"),
    Case("rcpt", "550 5.7.25 no PTR", P_M, "refused"),
    Case("rcpt", "550 5.7.515 Access denied", C_A, "sender_unauthenticated"),
    Case("rcpt", "554 5.7.1 Client host [1.2.3.4] blocked using zen.spamhaus.org", C_A,
         "ip_blocked"),
    Case("dot", "550 5.7.1 listed on a block list", C_A, "ip_blocked"),
    Case("rcpt", "550 5.7.606 Access denied, banned sending IP [1.2.3.4]", C_A, "ip_blocked"),
    Case("rcpt", "550 5.7.1 The IP you're using to send mail is not authorized to send email "
         "directly to our servers. Please use the SMTP relay at your service provider instead.",
         C_A, "ip_blocked"),
    Case("dot", "451 4.7.0 content", T_M, "content_try_later"),
    Case("dot", "554 5.7.1 spam", P_M, "content_rejected"),
    Case("dot", "timeout", "uncertain message", "no_answer_after_data"),
    Case("dot", "lost", "uncertain message", "no_answer_after_data"),
    Case("dot", "not_smtp", "uncertain message", "no_answer_after_data"),
    Case("ehlo", "421 4.3.2 closing", T_A, "refused_for_now"),
    Case("mail", "421 4.3.2 closing", T_M, "refused_for_now"),
    Case("dot", "421 4.3.2 closing", T_M, "refused_for_now"),
    Case("data", "451 4.3.0 later", T_M, "refused_for_now"),
    Case("auth", "500 5.5.2 what?", C_A, "refused"),
    Case("mail", "550 5.7.1 no", P_M, "refused"),
    Case("data", "554 5.5.1 no valid recipients", P_M, "refused"),
    Case("greeting", "lost", T_A, "connection_lost"),
    Case("auth", "timeout", T_A, "connection_lost"),
    Case("rcpt", "lost", T_M, "connection_lost"),
    Case("data", "timeout", T_M, "connection_lost"),
    Case("local", "abandoned", T_M, "connection_lost"),
    Case("greeting", "not_smtp", T_A, "not_smtp"),
    Case("mail", "not_smtp", T_M, "not_smtp"),
    Case("local", "cannot_compose", P_M, "cannot_compose"),
    Case("local", "unsafe", P_M, "cannot_compose"),
    Case("local", "password_needed", C_A, "password_needed"),
]  # fmt: skip
by_name = pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.phase}: {case.seen}" for case in CASES]
)


@by_name
def test_each_sight_has_its_class_scope_and_cause(case: Case) -> None:
    verdict = judge(trouble_of(case), Mode.EXTERNAL)
    assert (meaning(verdict), verdict.cause) == (case.meaning, case.cause)
    assert judge(trouble_of(case), Mode.RELAY) == verdict


@by_name
def test_a_strangers_word_never_reaches_beyond_its_domain(case: Case) -> None:
    trouble = trouble_of(case)
    verdict = judge(trouble, Mode.DIRECT)
    assert verdict.cause == case.cause
    assert not verdict.needs_two_domains
    if case.cause == "port_25_blocked":
        assert meaning(verdict) == C_A
    else:
        assert meaning(verdict) == _read_in_direct(case, trouble)


def _read_in_direct(case: Case, trouble: Trouble) -> str:
    if case.meaning == T_A:
        return "transient domain"
    if case.meaning != C_A:
        return case.meaning
    if case.phase in {"mail", "rcpt", "dot"}:
        assert trouble.reply
        return P_M if trouble.reply.code >= 500 else T_M
    return T_M if case.phase == "local" else "transient domain"


def test_every_row_of_the_table_has_a_case() -> None:
    rows = {next(row for row in TABLE if row.fits(trouble_of(case))).cause for case in CASES}
    assert rows == set(CAUSES)
    used = [next(row for row in TABLE if row.fits(trouble_of(case))) for case in CASES]
    assert [row.cause for row in TABLE if not any(row is other for other in used)] == []


def test_an_acceptance_is_sent() -> None:
    accepted = Accepted(Reply(250, None, ("ok",)), "host", 25, None, 1)
    assert judge(accepted, Mode.EXTERNAL).klass == "sent"


@pytest.mark.parametrize(
    ("line", "alone"),
    [
        ("554 5.7.1 Relay access denied", P_M),
        ("550 5.7.26 unauthenticated", P_M),
        ("550 5.7.1 listed on a block list", P_M),
        ("550 5.4.5 Daily user sending limit exceeded", T_M),
        ("550 5.1.8 sender", T_M),
        ("530 5.7.0 Authentication required", T_M),
    ],
)
def test_an_account_cause_at_rcpt_needs_a_second_domain(line: str, alone: str) -> None:
    verdict = judge(heard("rcpt", line), Mode.EXTERNAL)
    assert verdict.needs_two_domains
    assert verdict.alone
    assert meaning(verdict.alone) == alone
    assert verdict.alone.cause == verdict.cause


def test_an_account_cause_at_mail_pauses_at_once() -> None:
    assert not judge(heard("mail", "553 sender"), Mode.EXTERNAL).needs_two_domains


def test_530_means_encryption_where_starttls_was_left_unused() -> None:
    trouble = heard("mail", "530 5.7.0 no", starttls_unused=True)
    assert judge(trouble, Mode.EXTERNAL).cause == "encryption_required"


def test_a_full_mailbox_gets_three_tries_in_a_day() -> None:
    verdict = judge(heard("rcpt", "552 5.2.2 full"), Mode.EXTERNAL)
    assert (verdict.tries, verdict.spread) == (3, timedelta(hours=24))


def test_what_is_not_smtp_gets_three_tries_after_the_greeting() -> None:
    assert judge(Trouble(Phase.MAIL, Kind.NOT_SMTP), Mode.EXTERNAL).tries == 3
    assert judge(Trouble(Phase.GREETING, Kind.NOT_SMTP), Mode.EXTERNAL).tries == 0


def test_every_phase_and_kind_has_a_verdict() -> None:
    verdicts = [
        judge(Trouble(phase, kind), mode) for phase in Phase for kind in Kind for mode in Mode
    ]
    assert {verdict.cause for verdict in verdicts} <= set(CAUSES)
