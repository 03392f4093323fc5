"""What the tests of mails write and read."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

from sysmail import account, clock
from sysmail.outbox import Prepared

TITLE = "ACME renewal"
TEXT = "Three dots...\n.\nand <b>an end</b>"


def told_of(actor: str, mentioned: list[int]) -> dict[str, Any]:
    """The snapshot of a comment or record as the portal writes it."""
    return {
        "app": "Leads",
        "title": TITLE,
        "text": TEXT,
        "actor": actor,
        "mentioned": mentioned,
        "concerned": {},
    }


def external() -> account.Account:
    """An external mail server, as an administrator would have saved it."""
    return account.Account(
        id=1,
        version=2,
        mail_server="external",
        email_address="portal@example.com",
        smtp_host="smtp.example.com",
        smtp_port=587,
        encryption="starttls",
        use_smtp_auth=True,
        changed_at=clock.now(),
    )


class Read:
    """A prepared mail, read by the standard library's oldest and plainest parser."""

    def __init__(self, outcome: object) -> None:
        assert isinstance(outcome, Prepared), outcome
        self.prepared = outcome
        self.mail = message_from_bytes(outcome.built.data)
        self.names = self.mail.keys()
        self.subject = str(make_header(decode_header(self.field("Subject"))))
        display, self.to = parseaddr(self.field("To"))
        self.to_name = str(make_header(decode_header(display)))
        self.text = self._body("plain")
        self.html = self._body("html")

    def field(self, name: str) -> str:
        return re.sub(r"\r?\n(?=[ \t])", "", str(self.mail[name]))

    def _body(self, subtype: str) -> str:
        for part in self.mail.walk():
            if part.get_content_subtype() == subtype:
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                return content.decode().replace("\r\n", "\n")
        return ""
