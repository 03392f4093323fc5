"""URLs come from the configuration, clients' addresses from trusted proxies alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, request, url_for

from sysmail.web.host import ASKED_FOR
from sysmail.web.throttle import client_address
from tests.support.instance import make_app


def _probe(app: Flask) -> Flask:
    app.add_url_rule(
        "/probe",
        "probe",
        lambda: {
            "url": url_for("probe", _external=True),
            "asked_for": request.environ[ASKED_FOR],
            "client": client_address(),
        },
    )
    return app


@pytest.mark.parametrize(
    ("public_url", "wanted"),
    [
        ("https://portal.example", "https://portal.example/probe"),
        ("http://portal.example:8080", "http://portal.example:8080/probe"),
        ("https://example.com/mail", "https://example.com/mail/probe"),
    ],
)
def test_scheme_host_and_path_are_those_of_the_public_url(
    tmp_path: Path, public_url: str, wanted: str
) -> None:
    client = _probe(make_app(tmp_path / "i", PUBLIC_URL=public_url)).test_client()
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"}
    answer = client.get("/probe", base_url="http://evil.example", headers=forged).json
    assert answer is not None
    assert answer["url"] == wanted
    assert answer["asked_for"] == "http://evil.example"


@pytest.mark.parametrize(
    ("hops", "client"), [("0", "127.0.0.1"), ("1", "192.0.2.9"), ("2", "192.0.2.8")]
)
def test_the_client_is_the_one_the_trusted_proxies_report(
    tmp_path: Path, hops: str, client: str
) -> None:
    app = _probe(make_app(tmp_path / "i", PROXY_HOPS=hops))
    forwarded = {"X-Forwarded-For": "192.0.2.7, 192.0.2.8, 192.0.2.9"}
    answer = app.test_client().get("/probe", headers=forwarded).json
    assert answer is not None
    assert answer["client"] == client
