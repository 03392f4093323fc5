"""Takes the pictures in README anew when SYSMAIL_SCREENSHOTS=1 (`make screenshots`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.journeys.gallery import hang
from tests.support.browser import PHONE, Tab, chromium, tab
from tests.support.instance import attach, make_app
from tests.support.ports import free_port
from tests.support.processes import ROOT
from tests.support.serving import serving

FOLDER = ROOT / "docs" / "screenshots"
NAME = "portal.example.com"
LARGEST = 250_000

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        os.environ.get("SYSMAIL_SCREENSHOTS") != "1",
        reason="it writes to docs/screenshots: set SYSMAIL_SCREENSHOTS=1 to have it done",
    ),
]


@dataclass(frozen=True)
class Picture:
    name: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)
    whole: bool = True


LOW = {"viewport": {"width": 1180, "height": 540}}
WIDE = {"viewport": {"width": 1320, "height": 540}}
ACCOUNT = "/admin/system-mail"
PICTURES = (
    Picture("account-light", ACCOUNT),
    Picture("account-dark", ACCOUNT, {"scheme": "dark"}),
    Picture("account-phone", ACCOUNT, {"viewport": PHONE, "device_scale_factor": 2}, False),
    Picture("check-failed", ACCOUNT + "/checks/{check}", whole=False),
    Picture("test-failed", ACCOUNT + "/tests/{test}", LOW),
    Picture("test-received", ACCOUNT + "/tests/{received}", LOW),
    Picture("notes", ACCOUNT + "/notes", whole=False),
    Picture("failures", ACCOUNT + "/failures", WIDE),
    Picture("personal-settings", "/settings/notifications"),
    Picture("record", "/apps/{app}/records/{record}"),
)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    bind = f"127.0.0.1:{free_port()}"
    return make_app(tmp_path / "instance", BIND=bind, PUBLIC_URL=f"http://{NAME}")


@pytest.fixture
def gallery(app: Flask) -> Iterator[dict[str, Any]]:
    with app.app_context():
        things = hang(app)
        # What was captured is in the pictures; that it was captured need not be.
        direct = {"SYSMAIL_BUILTIN": "direct", **_environ(app)}
        places = {name: things[name] for name in ("test", "received", "check")}
        places |= {"app": things["record"].app_id, "record": things["record"].id}
        with serving(attach(direct)):
            yield things | {"places": places}


def _environ(app: Flask) -> dict[str, str]:
    config = app.extensions["sysmail.config"]
    return {
        "SYSMAIL_INSTANCE": str(config.instance),
        "SYSMAIL_BIND": ":".join(map(str, config.bind)),
        "SYSMAIL_PUBLIC_URL": config.public_url,
    }


@pytest.fixture
def own_browser(app: Flask) -> Iterator[Browser]:
    """It finds the portal under the name that stands in its links."""
    host, port = app.extensions["sysmail.config"].bind
    with chromium(f"--host-resolver-rules=MAP {NAME} {host}:{port}") as found:
        yield found


def test_the_pictures_in_the_readme_are_taken(
    app: Flask, gallery: dict[str, Any], own_browser: Browser
) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        with tab(own_browser, f"http://{NAME}", **picture.options) as window:
            window.sign_in(app, gallery["alice"])
            window.go(picture.path.format(**gallery["places"]))
            _take(window, picture.name, picture.whole)
    with tab(own_browser, "", viewport={"width": 680, "height": 460}) as window:
        window.page.set_content(_mail(app))
        _take(window, "mail-html")
    for file in FOLDER.glob("*.png"):
        assert file.stat().st_size < LARGEST, f"{file.name} is too large"


def _take(window: Tab, name: str, whole: bool = True) -> None:
    window.page.screenshot(path=FOLDER / f"{name}.png", full_page=whole, caret="initial")
    window.assert_quiet()


def _mail(app: Flask) -> str:
    """The mail about the last comment, as alice has it."""
    for path in sorted((Path(app.instance_path) / "captured").glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        html = mail.get_body(("html",))
        if "alice@" in mail["To"] and mail["X-Sysmail-Event"] == "comment_posted" and html:
            return str(html.get_content())
    raise AssertionError("no such mail was captured")
