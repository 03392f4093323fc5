"""Pasted headers of a received mail, read: SPF, DKIM, DMARC, hops and delays. Nothing is kept."""

from __future__ import annotations

from datetime import timedelta

from flask import Response
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from sysmail.diagnosis import Reading, read_headers
from sysmail.web import kit
from sysmail.web.system_mail.blueprint import blueprint
from sysmail.words import _, lazy, ngettext


class HeadersForm(FlaskForm):  # type: ignore[misc]
    headers = TextAreaField(
        lazy("Headers of the received mail"),
        render_kw={"rows": "12", "spellcheck": "false", "autocomplete": "off"},
    )


@blueprint.get("/system-mail/notes/headers", endpoint="headers")
@kit.administrator
def headers() -> ResponseReturnValue:
    """The empty form."""
    return _page(HeadersForm(formdata=None))


@blueprint.post("/system-mail/notes/headers")
@kit.administrator
def read_pasted() -> ResponseReturnValue:
    """The form as pasted, and what it tells."""
    form = HeadersForm()
    reading = read_headers(form.headers.data or "")
    if reading is None:
        wrong = _(
            "Paste the whole head of the mail: lines such as “Received: from …” belong to it."
        )
        form.headers.errors = [wrong]
        return _page(form, status=422)
    return _page(form, reading)


def _page(form: HeadersForm, reading: Reading | None = None, status: int = 200) -> Response:
    return kit.render_page(
        "system_mail/headers.html",
        "reading",
        status=status,
        form=form,
        reading=reading,
        lasted=_lasted,
    )


def _lasted(span: timedelta | None) -> str:
    """`4 seconds`, `12 minutes`, `3 hours`; a negative one says that clocks differ."""
    if span is None:
        return ""
    seconds = round(span.total_seconds())
    if seconds < -1:
        return _("before the one above: their clocks differ")
    if seconds < 120:
        return ngettext("%(num)s second", "%(num)s seconds", max(0, seconds))
    if seconds < 7200:
        return ngettext("%(num)s minute", "%(num)s minutes", round(seconds / 60))
    return ngettext("%(num)s hour", "%(num)s hours", round(seconds / 3600))
