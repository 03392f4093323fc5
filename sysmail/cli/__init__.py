"""The flask commands. Each module here offers `register(app)`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from flask import Flask


def init_app(app: Flask) -> None:
    """Registers the commands of every module of this package."""
    for module in iter_modules([str(Path(__file__).parent)]):
        import_module(f"{__name__}.{module.name}").register(app)
