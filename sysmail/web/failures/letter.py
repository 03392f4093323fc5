"""What to send to a mail administrator: the tries as plain text, without any secret."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from sysmail.web.failures.rows import Row, Try
from sysmail.words import _

_TRIES_TOLD = 5


def letter(row: Row, tries: Sequence[Try]) -> str:
    """The latest five tries in lines that can be pasted into a mail."""
    delivery = row.delivery
    lines = [
        _("A system e-mail to %(address)s has the state “%(state)s”.",
          address=delivery.address, state=delivery.state),
        _("X-Sysmail-Delivery: %(id)s", id=delivery.id),
    ]  # fmt: skip
    for one in tries[:_TRIES_TOLD]:
        lines += ["", *_lines(one)]
    return "\n".join(lines)


def _lines(one: Try) -> list[str]:
    attempt = one.attempt
    server = one.server or _("no server was asked")
    lines = [
        f"{attempt.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC  {server}  {one.settings}",
        f"{one.phase} ({attempt.phase}): {one.reply or attempt.cause or attempt.outcome}",
    ]
    if attempt.transcript:
        lines += [f"    {line}" for line in attempt.transcript.splitlines()]
    return lines
