"""The journey from a set-up link to a colleague's mailbox, told once for every reader."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from tests.support.processes import Sysmail, wait_for
from tests.support.readers import Reader
from tests.support.smtp_ledger import Received
from tests.support.smtpd import ScriptedSmtp

ACCOUNT = "portal@example.com"
SECRET = "correct horse 電池"
PASSWORD = "four plain words here"
COUNT = 55


@dataclass
class Story:
    """`reader` is the administrator, then the colleague, at a portal that really runs."""

    reader: Reader
    sysmail: Sysmail
    server: ScriptedSmtp

    def sets_up(self) -> None:
        link = self.sysmail.said(r"(http://\S+/setup\?token=\S+)")
        self.reader.open(link)
        self.reader.titled("Set up Sysmail")
        self.reader.fill(name="Alice", email="alice@example.com", password=PASSWORD)
        self.reader.press("Set up")
        self.reader.titled("System Mail Account")
        self.reader.holds("mail_server", "builtin")
        self.reader.holds("test_address", "alice@example.com")

    def changes_the_encryption(self) -> None:
        for encryption, port in (("ssl", "465"), ("plain", "25"), ("starttls", "587")):
            if self.reader.scripted:
                self.reader.fill(mail_server="external", encryption=encryption)
            else:
                self.reader.open(f"/admin/system-mail/port?encryption={encryption}")
            self.reader.holds("smtp_port", port)

    def reveals_the_login(self) -> None:
        self.reader.shows('[name="password"]', 0)
        if self.reader.scripted:
            self.reader.fill(use_smtp_auth=True)
        else:
            self.reader.press("Show the fields for them")
        self.reader.shows('[name="password"]')

    def keeps_a_port_typed_by_hand(self) -> None:
        port = str(self.server.port)
        self.reader.fill(smtp_host="localhost", smtp_port=port)
        for encryption, usual in (("ssl", "465"), ("starttls", "587")):
            self.reader.fill(encryption=encryption)
            if self.reader.scripted:
                self.reader.sees(f"{usual} is usual")
            self.reader.holds("smtp_port", port)

    def is_told_what_is_missing(self) -> None:
        self.reader.fill(account_name=ACCOUNT, password="wrong", test_address="alice@example.com")
        self.reader.press("Save", refused=True)
        self.reader.shows("#error-summary a", 1)
        self.reader.sees("One field needs your attention")
        self.reader.holds("account_name", ACCOUNT)
        self.reader.holds("password", "")

    def saves_with_a_wrong_password(self) -> None:
        self.reader.fill(email_address=ACCOUNT, password="wrong")
        self.reader.press("Save")
        self.reader.awaits('[data-test-state="failed"][data-cause="login_rejected"]')
        self.reader.titled("Test e-mail")
        self.reader.sees("The settings stay saved.")
        self.reader.follow("Change the settings")
        self.reader.shows('[data-account-state="paused"][data-cause="login_rejected"]')
        self.reader.shows("#account-state form")

    def saves_with_the_right_one(self) -> None:
        self.reader.holds("smtp_port", str(self.server.port))
        self.reader.holds("test_address", "alice@example.com")
        self.reader.fill(password=SECRET)
        self.reader.press("Save")
        self.reader.awaits('[data-test-state="sent"]')
        self.reader.sees("Accepted by localhost in")
        [mail] = self.server.wait_for(1)
        assert mail.rcpt_to == ("alice@example.com",)
        assert (mail.mail_from, mail.auth_user, mail.tls) == (ACCOUNT, ACCOUNT, True)

    def adds_a_colleague(self) -> None:
        self.reader.menu("Settings")
        self.reader.follow("Users & System Administration")
        self.reader.follow("Users")
        self.reader.follow("Add a user")
        self.reader.fill(name="Bob", email="bob@example.com", password=PASSWORD)
        self.reader.press("Add the user")
        self.reader.sees("Bob")
        self.reader.open("/admin/users")
        self.reader.sees("bob@example.com")

    def mentions_him_in_a_comment(self) -> Received:
        self.reader.follow("All apps")
        self.reader.fill(name="Leads")
        self.reader.press("Make app")
        self.reader.titled("Leads")
        self.adds_a_record("ACME renewal")
        self.reader.fill(text="@[bob@example.com] can you check this?\n.\nToday?")
        self.reader.press("Post comment")
        self.reader.shows(".discussion .moment")
        self.reader.sees("can you check this?")
        return self.server.wait_for(2)[1]

    def adds_a_record(self, title: str) -> None:
        self.reader.fill(title=title, body="Three years.\n.\n40 seats.")
        self.reader.press("Add record")
        self.reader.titled(title)

    def writes_to_many_who_left(self, folder: Path) -> None:
        people = folder / "people.csv"
        lines = [f"gone{number}@left.test,Gone {number},all" for number in range(COUNT)]
        people.write_text("\n".join(["email,name,receive", *lines]))
        self.sysmail.flask("users", "import", str(people), "--no-mail")
        self.server.script("rcpt", "550 5.1.1 no such user", when=lambda to: "left.test" in to)
        self.reader.follow("Leads")
        self.adds_a_record("To all of you")
        wait_for(lambda: self._failed() > COUNT, what="all those failures")

    def _failed(self) -> int:
        return int(json.loads(self.sysmail.flask("queue", "--json"))["failed"])

    def turns_the_pages_of_the_history(self) -> None:
        self.reader.open("/admin/system-mail")
        self.reader.follow("System Email Failure History")
        self.reader.titled("System Email Failure History")
        self.reader.sees("alice@example.com")
        self.reader.shows("tr[data-incident]")
        self.reader.follow("Show all of them")
        self.reader.shows("tr[data-delivery]", 50)
        self.reader.follow("Older")
        self.reader.shows("tr[data-delivery]", COUNT - 50)
        self.reader.follow("Newer")
        self.reader.shows("tr[data-delivery]", 50)
        self.reader.sees("550 5.1.1 no such user")

    def sends_one_again(self) -> None:
        address = self.reader.texts("tr[data-delivery] a.row-link")[0]
        self.reader.follow(address)
        self.reader.titled(f"E-mail to {address}")
        self.reader.shows(".timeline .moment", 1)
        self.server.honest("rcpt")
        self.reader.press("Retry")
        self.reader.awaits('#delivery[data-state="sent"]')
        self.reader.shows(".timeline .moment", 2)
        assert self.server.wait_for(3)[2].rcpt_to == (address,)

    def chooses_what_to_receive(self) -> None:
        self.reader.menu("Settings")
        self.reader.follow("Personal Settings")
        self.reader.fill(receive="all", kinds="audit_log_added", format="text")
        self.reader.press("Save")
        self.reader.shows(".notice-good")
        self.reader.open("/settings/notifications")
        self.reader.holds("receive", "all")
        self.reader.holds("format", "text")

    def reads_the_audit_log(self) -> None:
        self.reader.open("/admin/audit-log")
        self.reader.shows('tr[data-action="mail_account_changed"]', 2)
        self.reader.fill(action="delivery_retried")
        self.reader.press("Show")
        self.reader.shows("tr[data-action]", 1)
        self.reader.shows('tr[data-action="delivery_retried"]')

    def signs_out(self, name: str) -> None:
        self.reader.menu(name)
        self.reader.press("Sign out", within="#person-menu")
        self.reader.titled("Sign in")

    def lets_the_colleague_follow(self, mail: Received) -> None:
        assert mail.rcpt_to == ("bob@example.com",)
        message = message_from_bytes(mail.raw, policy=policy.default)
        assert "ACME renewal" in str(message["Subject"])
        text = message.get_body(("plain",))
        assert text is not None
        found = re.search(rf"{self.sysmail.url}/apps/\S+", text.get_content())
        assert found
        self.reader.open(found[0])
        self.reader.titled("Sign in")
        self.reader.fill(email="bob@example.com", password=PASSWORD)
        self.reader.press("Sign in")
        self.reader.titled("ACME renewal")
        self.reader.sees("Bob can you check this?")

    def hears_of_it_in_the_portal_too(self) -> None:
        self.reader.shows('.bell[data-unread="1"]')
        self.reader.open("/notifications")
        self.reader.titled("Notifications")
        self.reader.sees("you were mentioned")
        self.reader.press("Alice commented on “ACME renewal”")
        self.reader.titled("ACME renewal")
        self.reader.shows('.bell[data-unread="0"]')
        self.reader.shows('#discussion [data-told="mailed"][data-count="1"]')
