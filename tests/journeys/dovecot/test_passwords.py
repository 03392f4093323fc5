"""Each way of logging in by a password at a real Dovecot, over each kind of TLS."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.journeys.dovecot.steps import NAME, PASSWORD, fill_in, sha256_as_sent
from tests.support.dovecot import Dovecot
from tests.support.page import Page
from tests.support.post_office import deliveries, work


@pytest.mark.parametrize(
    ("tls", "mechanism"), [("starttls", "PLAIN"), ("ssl", "LOGIN"), ("required", "CRAM-MD5")]
)
def test_a_mail_goes_through_by_a_password(
    page: Page, app: Flask, session: Session, tls: str, mechanism: str
) -> None:
    with Dovecot({NAME: PASSWORD}, tls=tls, mechanisms=mechanism.lower()) as server:
        encryption = "ssl" if tls == "ssl" else "starttls"
        fill_in(page, server, "Save", encryption=encryption)
        work(app)
        [delivery] = deliveries(session)
        assert f"method={mechanism}" in server.log
        assert [sha256_as_sent(mail) for mail in server.ledger] == [delivery.sha256]
        assert delivery.state == "sent"
