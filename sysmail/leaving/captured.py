"""Captured mail that names a person: the file goes, since its bytes cannot be told otherwise."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from sqlalchemy.orm import Session

from sysmail.leaving.known import Known

_FILES = 50


def clear_captured(_session: Session, known: Known, position: int, captured: Path) -> int | None:
    """The next files by number; a mail that cannot be read is removed as well."""
    numbers = sorted(int(path.stem) for path in captured.glob("*.eml") if path.stem.isdigit())
    upcoming = [number for number in numbers if number > position][:_FILES]
    for number in upcoming:
        path = captured / f"{number}.eml"
        if _names(path.read_bytes(), known):
            path.unlink(missing_ok=True)
    return upcoming[-1] if upcoming else None


def _names(data: bytes, known: Known) -> bool:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(data)
    texts = [str(message[name] or "") for name in ("To", "From", "Reply-To", "Subject")]
    for kind in ("plain", "html"):
        part = message.get_body(preferencelist=(kind,))
        texts.append(str(part.get_content()) if part else "")
    said = "\n".join(texts)
    return known.is_named_in(said) or known.without_addresses(said) != said
