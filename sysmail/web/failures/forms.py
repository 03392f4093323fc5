"""The filters of the history, as they stand in the URL, and the forms that change something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SearchField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from sysmail import clock
from sysmail.outbox import LONGEST_KEPT, SHORTEST_KEPT, STATES, Filters
from sysmail.web.failures.rows import KINDS
from sysmail.words import _, lazy, ngettext

PERIODS = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
OUTDATED_AFTER = {"1d": timedelta(days=1), "7d": timedelta(days=7)}
SKIPPED = "skipped"
WAITING = "waiting"
_LONGEST = 254


class FilterForm(FlaskForm):  # type: ignore[misc]
    """GET only; what it does not know counts as no filter."""

    class Meta:
        csrf = False

    recipient = SearchField(lazy("Recipient"))
    state = SelectField(
        lazy("State"),
        choices=[
            SelectChoice("", lazy("In trouble")),
            SelectChoice("failed", lazy("Failed")),
            SelectChoice("queued", lazy("Queued")),
            SelectChoice("sending", lazy("Being sent")),
            SelectChoice("uncertain", lazy("Uncertain")),
            SelectChoice("withdrawn", lazy("Withdrawn")),
            SelectChoice("sent", lazy("Accepted")),
            SelectChoice(WAITING, lazy("Waiting for a summary")),
            SelectChoice(SKIPPED, lazy("Not mailed")),
            SelectChoice("all", lazy("All e-mails")),
        ],
    )
    kind = SelectField(
        lazy("What it tells"),
        choices=[
            SelectChoice("", lazy("Anything")),
            *(SelectChoice(*one) for one in KINDS.items()),
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
    cause = HiddenField("")


def filters_of(sent: Mapping[str, str]) -> Filters:
    """What the URL, or a form that carries it on, asks for."""
    state, kind = sent.get("state", ""), sent.get("kind", "")
    return Filters(
        state=state if state in STATES else "",
        cause=sent.get("cause", "").strip()[:40],
        recipient=sent.get("recipient", "").strip()[:_LONGEST],
        kind=kind if kind in KINDS else "",
        since=_since(sent.get("period", "")),
    )


def sent_on(sent: Mapping[str, str]) -> dict[str, str]:
    """The same as arguments of a URL; what counts as no filter is left out."""
    read = filters_of(sent)
    values = {"state": read.state, "cause": read.cause, "recipient": read.recipient}
    period = sent.get("period", "") if read.since else ""
    values |= {"kind": read.kind, "period": period}
    return {name: str(value) for name, value in values.items() if value}


def _since(period: str) -> datetime | None:
    length = PERIODS.get(period)
    return clock.now() - length if length else None


class ResendForm(FlaskForm):  # type: ignore[misc]
    """What to do with many at once."""

    outdated = RadioField(lazy("What to do"), default="keep")

    def offer(self, retriable: int, older: Mapping[str, int]) -> None:
        """The choices, each with what it would do. `older`: how many were written before each
        of OUTDATED_AFTER."""
        words = {"1d": lazy("older than a day"), "7d": lazy("older than a week")}
        keep = ngettext("Send %(num)s e-mail as it is", "Send all %(num)s as they are", retriable)
        drop = ngettext("Send none, drop %(num)s", "Send none, drop all %(num)s", retriable)
        self.outdated.choices = [
            ("keep", keep),
            *(
                (name, _("Send %(sent)d, drop %(dropped)d that are %(old)s",
                         sent=retriable - count, dropped=count, old=words[name]))
                for name, count in older.items() if count
            ),
            ("all", drop),
        ]  # fmt: skip

    def drop_before(self, now: datetime) -> datetime | None:
        """What was written before this time is dropped."""
        choice = self.outdated.data
        if choice == "all":
            return now
        return now - OUTDATED_AFTER[choice] if choice in OUTDATED_AFTER else None


class RetentionForm(FlaskForm):  # type: ignore[misc]
    """How long the history is kept."""

    days = IntegerField(
        lazy("Days"),
        validators=[
            InputRequired(lazy("Enter a number of days.")),
            NumberRange(SHORTEST_KEPT, LONGEST_KEPT, lazy("Enter 1 to 3,650 days.")),
        ],
    )
