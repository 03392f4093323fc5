"""Ids in URLs."""

from __future__ import annotations

import pytest
from flask import Flask

from sysmail.people import Person
from tests.support.page import Page


@pytest.mark.parametrize("digits", [18, 19, 20, 5000])
def test_a_number_no_database_can_hold_is_404(app: Flask, alice: Person, digits: int) -> None:
    page = Page(app).sign_in(alice)
    page.get(f"/apps/{'9' * digits}", status=404)
    page.get(f"/admin/users/{'9' * digits}", status=404)
