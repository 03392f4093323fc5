"""What the mails say: the same words, and the same size, for everybody who is measured."""

from __future__ import annotations

import email
import email.policy
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

COMMENT = "Three years, 40 seats, and they want an answer by Friday."


@dataclass(frozen=True)
class Content:
    """A mail as Sysmail makes it: its parts, and all of its bytes."""

    subject: str
    text: str
    html: str
    data: bytes


@cache
def content() -> Content:
    """The mail about COMMENT, sent by Sysmail's own worker into a folder."""
    from bench.house import House

    with tempfile.TemporaryDirectory(prefix="sysmail-bench-") as folder:
        house = House(Path(folder) / "instance", 25, 1, BUILTIN="capture")
        with house.worker():
            house.deliver()
        [path] = (Path(folder) / "instance" / "captured").glob("*.eml")
        data = path.read_bytes()
    made = email.message_from_bytes(data, policy=email.policy.default)
    parts = [made.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (part.get_content() if part else "" for part in parts)
    return Content(str(made["subject"]), text, html, data)
