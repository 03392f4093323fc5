"""What Exim 4.96 says, itself or by its usual rules: it sends no enhanced codes (RFC 3463), so
that its words must do."""

from __future__ import annotations

import pytest

from sysmail.smtp import Kind, Mode, Phase, Trouble, judge
from sysmail.smtp.replies import assemble

SAID = [
    ("ehlo", "501 Syntactically invalid EHLO argument(s)", "helo_rejected"),
    ("auth", "535 Incorrect authentication data", "login_rejected"),
    ("auth", "435 Unable to authenticate at present", "login_try_later"),
    ("auth", "504 CRAM-MD5 authentication mechanism not supported", "no_common_mechanism"),
    ("mail", "552 Message size exceeds maximum permitted", "message_too_large"),
    ("mail", "550 Administrative prohibition", "refused"),
    ("rcpt", "550 SMTP AUTH is required for message submission on port 587", "login_required"),
    ("rcpt", "550 authentication required", "login_required"),
    ("rcpt", "550 relay not permitted", "relay_denied"),
    ("rcpt", "550 Unrouteable address", "recipient_unknown"),
    ("rcpt", "550 mailbox is full", "mailbox_full"),
    ("rcpt", "451 Temporary local problem - please try later", "recipient_try_later"),
    ("rcpt", "550 Sender rate overlimit - 1.0 / 1h", "sending_too_fast"),
    ("rcpt", "451 Sender rate overlimit - 1.0 / 1h", "sending_too_fast"),
    ("dot", "552 Message size exceeds maximum permitted", "message_too_large"),
    ("dot", "550 This message scored too many spam points", "content_rejected"),
    ("dot", "552 Mailbox size exceeded", "mailbox_full"),
]


@pytest.mark.parametrize(("phase", "line", "cause"), SAID, ids=[f"{p}: {x}" for p, x, _ in SAID])
def test_exims_words_are_understood(phase: str, line: str, cause: str) -> None:
    code, _, text = line.partition(" ")
    trouble = Trouble(Phase(phase), Kind.REPLY, assemble(int(code), [text]))
    assert judge(trouble, Mode.EXTERNAL).cause == cause


def test_a_sender_that_exim_cannot_verify_is_told_over_three_lines() -> None:
    lines = ["Verification failed for <a@example.com>", "Unrouteable address"]
    reply = assemble(550, [*lines, "Sender verify failed"])
    trouble = Trouble(Phase.RCPT, Kind.REPLY, reply)
    assert judge(trouble, Mode.EXTERNAL).cause == "sender_not_allowed"
