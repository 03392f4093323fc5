"""The environment of the pages' templates."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class Templates(Environment):
    """Its templates share the globals: none brings any of its own.

    Jinja would put a ChainMap around them and compare its keys at each import of a template:
    some twenty times a page, a tenth of what the page takes.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
