"""What no database can hold is refused, on either engine, and never called our own fault."""

from __future__ import annotations

from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sysmail.people import Person
from tests.support.signin import sign_in

pytestmark = pytest.mark.both_engines
QUERIES = (
    "/admin/users?q=%00",
    "/admin/audit-log?person=a%00b",
    "/admin/system-mail/failures?recipient=%00",
    "/admin/system-mail/failures?cause=%00",
)
HUGE = ("2147483648", "9223372036854775808", "9" * 30)
PLACES = (
    "/apps/{}",
    "/apps/1/records/{}",
    "/admin/users/{}",
    "/admin/users?after={}",
    "/admin/audit-log?before={}",
    "/admin/system-mail/failures/{}",
    "/admin/system-mail/failures?before={}-{}",
    "/admin/system-mail/tests/{}",
)


@pytest.fixture
def client(app: Flask, alice: Person) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app.test_client(), alice)


def test_a_nul_in_a_filter_is_answered(client: FlaskClient) -> None:
    for url in QUERIES:
        assert client.get(url).status_code in (200, 400), url
    assert client.get("/admin/users").status_code == 200


def test_a_nul_in_a_form_is_answered(client: FlaskClient) -> None:
    assert client.post("/apps", data={"name": "Le\0ads"}).status_code in (303, 400, 422)


def test_a_nul_at_the_sign_in_is_answered(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    typed = {"email": "a\0@example.com", "password": "\0"}
    assert app.test_client().post("/login", data=typed).status_code in (400, 422)


def test_a_number_beyond_all_ids_is_nobody(client: FlaskClient) -> None:
    for place, number in product(PLACES, HUGE):
        url = place.format(number, number)
        assert client.get(url).status_code in (200, 400, 404), url
