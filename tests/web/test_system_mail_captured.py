"""Captured mail: the list, one mail, its body under a policy of its own."""

from __future__ import annotations

import pytest
from flask import Flask

from sysmail.mime import Address, Message, build
from sysmail.people import Person
from tests.support.page import Page

URL = "/admin/captured"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def page(app: Flask, alice: Person) -> Page:
    return Page(app).sign_in(alice)


def _keep(app: Flask, number: int, subject: str, html: str | None = None) -> bytes:
    from tests.mime.conftest import make_message  # type: ignore[attr-defined]

    raise NotImplementedError(make_message, Address, Message, build, subject, html, number)
