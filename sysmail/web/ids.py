"""Ids in URLs: only numbers a database can hold, so that any other is simply 404."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter


class Id(IntegerConverter):
    """At most 18 digits, which every engine's 64-bit integers hold."""

    regex = r"\d{1,18}"


def init_app(app: Flask) -> None:
    """Every `<int:…>` of a rule is such an id; call it before any rule is added."""
    app.url_map.converters["int"] = Id
