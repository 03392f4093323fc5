"""The filters of the history, as they stand in the URL."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_wtf import FlaskForm
from wtforms import HiddenField, SearchField, SelectField
from wtforms.fields.choices import SelectChoice

from sysmail import clock
from sysmail.outbox import TROUBLED_STATES, Filters
from sysmail.words import lazy

_PERIODS = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
_LONGEST = 254


class FilterForm(FlaskForm):  # type: ignore[misc]
    """GET only; what it does not know counts as no filter."""

    class Meta:
        csrf = False

    state = SelectField(
        lazy("State"),
        choices=[
            SelectChoice("", lazy("Any")),
            SelectChoice("failed", lazy("Failed")),
            SelectChoice("queued", lazy("Queued")),
            SelectChoice("sending", lazy("Being sent")),
            SelectChoice("uncertain", lazy("Uncertain")),
            SelectChoice("withdrawn", lazy("Withdrawn")),
        ],
    )
    period = SelectField(
        lazy("Period"),
        choices=[
            SelectChoice("", lazy("All time")),
            SelectChoice("1d", lazy("Last 24 hours")),
            SelectChoice("7d", lazy("Last 7 days")),
            SelectChoice("30d", lazy("Last 30 days")),
        ],
    )
    recipient = SearchField(lazy("Recipient"))
    cause = HiddenField()

    def filters(self) -> Filters:
        """What the URL asks for."""
        state = self.state.data or ""
        return Filters(
            state=state if state in TROUBLED_STATES else "",
            cause=(self.cause.data or "").strip()[:40],
            recipient=(self.recipient.data or "").strip()[:_LONGEST],
            since=self._since(),
        )

    def _since(self) -> datetime | None:
        length = _PERIODS.get(self.period.data or "")
        return clock.now() - length if length else None
