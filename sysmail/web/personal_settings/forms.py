"""The form of Personal Settings, and of what administrators set for those who never chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from sysmail.events import CATALOGUE, Kind
from sysmail.people import Person
from sysmail.preferences import FORMATS, FREQUENCIES, RECEIVE, Choice
from sysmail.web.personal_settings.times import time_of_day
from sysmail.words import LANGUAGES, Lazy, _, lazy

_RECEIVE_LABELS = {
    "none": lazy("Do not receive e-mail notifications"),
    "to_me": lazy("Only notifications to me"),
    "all": lazy("All notifications"),
}
_FORMAT_LABELS = {"html": lazy("HTML"), "text": lazy("Text")}
_FREQUENCY_LABELS = {
    "immediate": lazy("Immediately, one mail each"),
    "hourly": lazy("Hourly, in one summary"),
    "daily": lazy("Daily, in one summary"),
}
_DAY_LABELS = {
    "1": lazy("Monday"),
    "2": lazy("Tuesday"),
    "3": lazy("Wednesday"),
    "4": lazy("Thursday"),
    "5": lazy("Friday"),
    "6": lazy("Saturday"),
    "7": lazy("Sunday"),
}
_CHOOSE = lazy("Choose one of these.")


def _choices(labels: Mapping[str, Lazy | str]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=label) for value, label in labels.items()]


def _one_of(label: Lazy, labels: dict[str, Lazy], values: Iterable[str]) -> RadioField:
    validators = [InputRequired(_CHOOSE), AnyOf(list(values), message=_CHOOSE)]
    choices = _choices(labels)
    return RadioField(label, choices=choices, validate_choice=False, validators=validators)


def _time(label: Lazy) -> StringField:
    return StringField(label, render_kw={"type": "time"}, validators=[time_of_day])


class NotificationsForm(FlaskForm):  # type: ignore[misc]
    """`kinds` offers what this person may hear of, everything where it is about no person."""

    receive = _one_of(lazy("Receive"), _RECEIVE_LABELS, RECEIVE)
    kinds = SelectMultipleField(lazy("Tell me when"), validate_choice=False)
    frequency = _one_of(lazy("How often"), _FREQUENCY_LABELS, FREQUENCIES)
    daily_at = _time(lazy("Daily at"))
    weekdays = SelectMultipleField(
        lazy("On these days"), choices=_choices(_DAY_LABELS), validate_choice=False
    )
    mentions_at_once = BooleanField(lazy("Send a mail at once when I am mentioned"))
    unread_only = BooleanField(lazy("Leave out what I have read in the portal by then"))
    quiet_from = _time(lazy("Quiet from"))
    quiet_until = _time(lazy("Quiet until"))
    format = _one_of(lazy("Format"), _FORMAT_LABELS, FORMATS)
    language = SelectField(lazy("Language"), validate_choice=False)
    timezone = SelectField(lazy("Time zone"), validate_choice=False)

    def __init__(self, person: Person | None, **values: Any) -> None:
        super().__init__(**values)
        self.offered = {kind.name: kind for kind in _kinds_for(person)}
        self.kinds.choices = _choices({name: kind.label for name, kind in self.offered.items()})
        none = _("As my browser asks") if person else _("English")
        self.language.choices = _choices({"": none, **LANGUAGES})
        self.timezone.choices = _zones(values.get("timezone", "UTC"))

    def validate_kinds(self, field: Field) -> None:
        if any(name not in self.offered for name in field.data or []):
            raise ValidationError(_("Choose only among the kinds listed here."))

    def validate_daily_at(self, field: Field) -> None:
        if self.frequency.data == "daily" and not field.data:
            raise ValidationError(_("Enter the time of day at which the summary comes."))

    def validate_weekdays(self, field: Field) -> None:
        if any(day not in _DAY_LABELS for day in field.data or []):
            raise ValidationError(_("Choose only among these days."))
        if self.frequency.data == "daily" and not field.data:
            raise ValidationError(_("Choose at least one day of the week."))

    def validate_quiet_from(self, field: Field) -> None:
        if self.quiet_until.data and not field.data:
            raise ValidationError(_("Enter both times of the quiet hours, or neither."))

    def validate_quiet_until(self, field: Field) -> None:
        if self.quiet_from.data and not field.data:
            raise ValidationError(_("Enter both times of the quiet hours, or neither."))
        if field.data and self.quiet_from.data == field.data:
            raise ValidationError(_("Quiet hours cannot begin and end at the same time."))

    def validate_language(self, field: Field) -> None:
        if field.data and field.data not in LANGUAGES:
            raise ValidationError(_CHOOSE)

    def validate_timezone(self, field: Field) -> None:
        if field.data and field.data not in available_timezones():
            raise ValidationError(_CHOOSE)

    def choice(self, stored: Choice) -> Choice:
        """The choice as typed; what the form left blank stays as it was stored."""
        days = {int(day) for day in self.weekdays.data or []}
        return Choice(
            receive=self.receive.data,
            kinds=sum(self.offered[name].bit for name in set(self.kinds.data or [])),
            format=self.format.data,
            chosen=True,
            frequency=self.frequency.data,
            daily_at=self.daily_at.data or stored.daily_at,
            weekdays=sum(1 << (day - 1) for day in days) or stored.weekdays,
            mentions_at_once=self.mentions_at_once.data,
            quiet_from=self.quiet_from.data or None,
            quiet_until=self.quiet_until.data or None,
            language=self.language.data or None,
            timezone=self.timezone.data or stored.timezone,
            unread_only=self.unread_only.data,
        )


def shown(
    person: Person | None,
    choice: Choice,
    form: type[NotificationsForm] = NotificationsForm,
    more: Mapping[str, str] = MappingProxyType({}),
) -> NotificationsForm:
    """The form as the choice stands; `more` are the values of fields that only `form` has."""
    return form(
        person,
        formdata=None,
        receive=choice.receive,
        kinds=[kind.name for kind in _kinds_for(person) if choice.includes(kind)],
        format=choice.format,
        frequency=choice.frequency,
        daily_at=choice.daily_at,
        weekdays=[day for day in _DAY_LABELS if choice.weekdays >> int(day) - 1 & 1],
        mentions_at_once=choice.mentions_at_once,
        quiet_from=choice.quiet_from,
        quiet_until=choice.quiet_until,
        language=choice.language or "",
        timezone=choice.timezone,
        unread_only=choice.unread_only,
        **more,
    )


def _kinds_for(person: Person | None) -> list[Kind]:
    may_all = person is None or person.is_administrator
    return [kind for kind in CATALOGUE.values() if may_all or not kind.administrators_only]


def _zones(current: str) -> list[SelectChoice]:
    """The places, and the current name where it is none of them."""
    places = _places()
    if any(place.value == current for place in places):
        return places
    return [*places, SelectChoice(current, current, optgroup="UTC")]


@cache
def _places() -> list[SelectChoice]:
    """Every place of the IANA database, by continent; its other names would only be more."""
    names = sorted(name for name in available_timezones() if name.partition("/")[0] in _CONTINENTS)
    places = [
        SelectChoice(name, name.replace("_", " "), optgroup=name.partition("/")[0])
        for name in names
    ]
    return [SelectChoice("UTC", "UTC", optgroup="UTC"), *places]


_CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
