"""Japanese subjects and names pass a real server as they were written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from sysmail.people import Person
from sysmail.preferences import DEFAULT, store_whole_choice
from tests.journeys.postfix.steps import add_record, assert_arrived_byte_for_byte, set_up
from tests.support.page import Page
from tests.support.post_office import deliveries, work
from tests.support.postfix import Postfix

pytestmark = pytest.mark.xdist_group("postfix")

TITLE = "株式会社髙島屋との契約更新に関するお見積りのご確認（至急）"
LONG = "ご確認のお願い：" * 12
# RFC 2047 section 2.
LONGEST_WORD = 75


def test_japanese_subjects_and_names_arrive_as_they_were_written(
    server: Postfix, session: Session, page: Page, follower: Person, bob: Person
) -> None:
    set_up(page, server.ports["tls-only"], "starttls", login=True)
    server.empty()
    follower.name, bob.name = "山田 太郎", "佐藤 花子"
    store_whole_choice(session, follower.id, replace(DEFAULT, receive="all", language="ja"))
    session.commit()
    add_record(page.app, bob, TITLE)
    add_record(page.app, bob, LONG)
    work(page.app)
    mails = sorted(server.inbox(follower.email), key=lambda mail: int(mail["X-Sysmail-Delivery"]))
    assert_arrived_byte_for_byte(mails, [d for d in deliveries(session) if d.kind != "test"])
    shown = [TITLE, f"{LONG[:60]}…"]
    for mail, title in zip(mails, shown, strict=True):
        assert mail.text_of("Subject") == f"Leads: 佐藤 花子さんが「{title}」を追加しました"
        assert mail.mailbox("To") == ("山田 太郎", follower.email)
        assert mail["Content-Language"] == "ja"
        words = mail["Subject"].split()
        assert max(map(len, words)) <= LONGEST_WORD
        assert mail["Subject"].isascii()
        assert "レコードを追加しました" in mail.body()
