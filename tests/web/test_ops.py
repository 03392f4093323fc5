"""/healthz answers as long as the web process lives."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import event

from sysmail.db import db


def test_the_web_process_says_that_it_is_alive_without_asking_the_database(app: Flask) -> None:
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert asked == []
    assert "Set-Cookie" not in answer.headers
