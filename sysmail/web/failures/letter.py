"""What to send to a mail administrator: the tries as plain text, without any secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC

from sysmail.web.failures.rows import Row
from sysmail.web.failures.tries import Try
from sysmail.words import _

_TRIES_TOLD = 5


def letter(row: Row, tries: Sequence[Try], kinds: Mapping[str, object]) -> str:
    """What happened and the latest five tries, in lines that can be pasted into a mail."""
    delivery = row.delivery
    lines = [
        _("A system e-mail to %(address)s has the state “%(state)s”.",
          address=delivery.address, state=delivery.state),
        row.explanation.happened,
        "",
        _("What it tells: %(kind)s", kind=kinds.get(delivery.kind, delivery.kind)),
        _("X-Sysmail-Delivery: %(id)s", id=delivery.id),
        _("Tries on record: %(count)d, the latest first", count=len(tries)),
    ]  # fmt: skip
    for one in tries[:_TRIES_TOLD]:
        lines += ["", *_lines(one)]
    return "\n".join(lines)


def _lines(one: Try) -> list[str]:
    attempt = one.attempt
    server = one.server or _("no server was asked")
    tls = f", {attempt.tls}" if attempt.tls else ""
    lines = [
        f"{attempt.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC  {server}  {one.settings}{tls}"
        f"  {attempt.milliseconds} ms",
        f"{one.phase} ({attempt.phase}): {one.reply or attempt.cause or attempt.outcome}",
    ]
    if attempt.transcript:
        lines += [f"    {line}" for line in attempt.transcript.splitlines()]
    return lines
