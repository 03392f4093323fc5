"""Times of day as a form sends them."""

from __future__ import annotations

import re

from wtforms import Field, Form
from wtforms.validators import StopValidation

from sysmail.words import _

# Some browsers add the seconds (HTML, 2.3.5.4).
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(?::00(?:\.0+)?)?", re.ASCII)


def time_of_day(form: Form, field: Field) -> None:
    """Leaves HH:MM, or nothing where nothing was typed."""
    typed = (field.data or "").strip()
    if typed and not _TIME.fullmatch(typed):
        raise StopValidation(_("Enter a time of day such as 17:00."))
    field.data = typed[:5]
