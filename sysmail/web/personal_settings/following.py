"""Per-app choices: the fields of Personal Settings for what a person follows or mutes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf

from sysmail.people import Person
from sysmail.portal import App, Record, visible_apps
from sysmail.preferences import FOLLOW, MODES, MUTE, Choice, app_modes, chosen_records, record_modes
from sysmail.web.personal_settings.forms import NotificationsForm, shown
from sysmail.words import lazy

APPS, RECORDS = "app", "record"
MOST = 100
_FIELD = re.compile(r"(app|record)_(\d{1,18})", re.ASCII)
_MODE_LABELS = {
    "": lazy("As in my settings"),
    FOLLOW: lazy("Follow: tell me everything"),
    MUTE: lazy("Mute: only when I am mentioned"),
}


@dataclass(frozen=True)
class Place:
    """An app or record; `mode` is follow, mute, or "" where the rest of the settings holds."""

    sort: str
    id: int
    name: str
    mode: str

    @property
    def field(self) -> str:
        """What the form calls it: app_7, record_12."""
        return f"{self.sort}_{self.id}"

    @property
    def shown(self) -> str:
        """The hidden field of the mode that the page showed."""
        return f"{self.field}_shown"


def places(session: Session, person: Person, named: Iterable[str] = ()) -> list[Place]:
    """What the person may still see of this: up to MOST apps, those chosen for first, then the
    records chosen for; and whatever the names of fields name, such as a form sends."""
    wanted: dict[str, list[int]] = {APPS: [], RECORDS: []}
    for found in filter(None, map(_FIELD.fullmatch, named)):
        wanted[found[1]].append(int(found[2]))
    apps = _apps(session, person, wanted[APPS][:MOST])
    return [*apps, *_records(session, person, wanted[RECORDS][:MOST])]


def unlisted(session: Session, person: Person, offered: list[Place]) -> int:
    """How many more records the person chose for and may still see than are offered."""
    listed = [place for place in offered if place.sort == RECORDS]
    if len(listed) < MOST:
        return 0
    which = select(func.count(Record.id)).join(App, App.id == Record.app_id)
    mine = which.where(Record.id.in_(chosen_records(person.id)), visible_apps(person))
    return (session.scalar(mine) or 0) - sum(bool(place.mode) for place in listed)


def form_for(person: Person, offered: list[Place]) -> NotificationsForm:
    """The form as it was sent, with a field for each of the places."""
    return _class(offered)(person, **_modes(offered))


def form_shown(person: Person, choice: Choice, offered: list[Place]) -> NotificationsForm:
    """The form as the choice stands."""
    return shown(person, choice, _class(offered), _modes(offered))


def chosen(form: NotificationsForm, offered: list[Place], sort: str) -> Mapping[int, str | None]:
    """The modes that the form changes, by the id of the app or record; None takes one back. What
    stands as the page showed it is left alone: it may be changed elsewhere since."""
    typed = {
        place: form[place.field].data
        for place in offered
        if place.sort == sort and form[place.field].data != form[place.shown].data
    }
    return {place.id: mode or None for place, mode in typed.items() if mode != place.mode}


def _modes(offered: list[Place]) -> dict[str, str]:
    return {name: place.mode for place in offered for name in (place.field, place.shown)}


def _class(offered: list[Place]) -> type[NotificationsForm]:
    """WTForms takes more fields with a class only."""
    fields = {place.field: _field(place) for place in offered}
    hidden = {place.shown: HiddenField("") for place in offered}
    return type("PersonalForm", (NotificationsForm,), fields | hidden)


def _field(place: Place) -> SelectField:
    choices = [SelectChoice(value, label) for value, label in _MODE_LABELS.items()]
    allowed = AnyOf(["", *MODES], message=lazy("Choose one of these."))
    return SelectField(place.name, choices=choices, validate_choice=False, validators=[allowed])


def _apps(session: Session, person: Person, named: list[int]) -> Iterator[Place]:
    modes = app_modes(session, person.id)
    first = App.id.in_([*named, *list(modes)[:MOST]])
    which = select(App.id, App.name).where(visible_apps(person))
    for id_, name in session.execute(which.order_by(first.desc(), App.name, App.id).limit(MOST)):
        yield Place(APPS, id_, name, modes.get(id_, ""))


def _records(session: Session, person: Person, named: list[int]) -> Iterator[Place]:
    modes = record_modes(session, person.id)
    which = or_(Record.id.in_(chosen_records(person.id)), Record.id.in_(named))
    found = select(Record.id, Record.title).join(App, App.id == Record.app_id)
    asked = found.where(which, visible_apps(person)).order_by(Record.title, Record.id)
    for id_, title in session.execute(asked.limit(MOST)):
        yield Place(RECORDS, id_, title, modes.get(id_, ""))
