"""The form of Personal Settings."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from sysmail.events import CATALOGUE, Kind
from sysmail.people import Person
from sysmail.preferences import FORMATS, RECEIVE, Choice
from sysmail.words import Lazy, _, lazy

_RECEIVE_LABELS = {
    "none": lazy("Do not receive e-mail notifications"),
    "to_me": lazy("Only notifications to me"),
    "all": lazy("All notifications"),
}
_FORMAT_LABELS = {"html": lazy("HTML"), "text": lazy("Text")}
_CHOOSE = lazy("Choose one of these.")


def _choices(labels: dict[str, Lazy]) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=label) for value, label in labels.items()]


class NotificationsForm(FlaskForm):  # type: ignore[misc]
    """`kinds` offers what this person may hear of; `bits` is their sum as it is stored."""

    receive = RadioField(
        lazy("Receive"),
        choices=_choices(_RECEIVE_LABELS),
        validate_choice=False,
        validators=[InputRequired(_CHOOSE), AnyOf(RECEIVE, message=_CHOOSE)],
    )
    kinds = SelectMultipleField(lazy("Tell me when"), validate_choice=False)
    format = RadioField(
        lazy("Format"),
        choices=_choices(_FORMAT_LABELS),
        validate_choice=False,
        validators=[InputRequired(_CHOOSE), AnyOf(FORMATS, message=_CHOOSE)],
    )

    def __init__(self, person: Person, **values: Any) -> None:
        super().__init__(**values)
        self.offered = {kind.name: kind for kind in _kinds_for(person)}
        self.kinds.choices = _choices({name: kind.label for name, kind in self.offered.items()})

    def validate_kinds(self, field: Field) -> None:
        if any(name not in self.offered for name in field.data or []):
            raise ValidationError(_("Choose only among the kinds listed here."))

    @property
    def bits(self) -> int:
        return sum(self.offered[name].bit for name in set(self.kinds.data or []))


def shown(person: Person, choice: Choice) -> NotificationsForm:
    """The form as the choice stands."""
    kinds = [kind.name for kind in _kinds_for(person) if choice.includes(kind)]
    return NotificationsForm(
        person, formdata=None, receive=choice.receive, kinds=kinds, format=choice.format
    )


def _kinds_for(person: Person) -> list[Kind]:
    return [
        kind
        for kind in CATALOGUE.values()
        if person.is_administrator or not kind.administrators_only
    ]
