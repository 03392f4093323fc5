"""Captured mail as files: one .eml for each delivery, named by its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path


@dataclass(frozen=True)
class Captured:
    """One mail. `text` and `html` are its bodies; html is "" for a mail of text alone."""

    number: int
    sender: str
    recipient: str
    subject: str
    kept_at: datetime
    text: str
    html: str


def newest(folder: Path, before: int | None, size: int) -> tuple[list[Captured], int | None]:
    """At most `size` mails with numbers below `before`, and where the older ones begin."""
    numbers = sorted((int(p.stem) for p in folder.glob("*.eml") if p.stem.isdigit()), reverse=True)
    rest = [number for number in numbers if before is None or number < before]
    mails = [mail for number in rest[:size] if (mail := read(folder, number))]
    return mails, rest[size - 1] if len(rest) > size else None


def raw(folder: Path, number: int) -> bytes | None:
    """The file as it is; None when there is none."""
    try:
        return (folder / f"{number}.eml").read_bytes()
    except OSError:
        return None


def read(folder: Path, number: int) -> Captured | None:
    """The mail taken apart; None when there is none."""
    data = raw(folder, number)
    if data is None:
        return None
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
    return Captured(
        number=number,
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        kept_at=datetime.fromtimestamp((folder / f"{number}.eml").stat().st_mtime, UTC),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
