"""The portal's forms. Texts are kept as typed; only a browser's CR LF becomes one line end."""

from __future__ import annotations

import unicodedata

from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from sysmail import portal
from sysmail.db import db
from sysmail.portal import BODY_LENGTH, COMMENT_LENGTH, NAME_LENGTH, TITLE_LENGTH
from sysmail.words import Lazy, _, lazy

_NAMED_IN_ERROR = 3


def line_ends(text: str | None) -> str:
    """A browser sends CR LF for each line end in a textarea (HTML, 4.10.21.4)."""
    return (text or "").replace("\r\n", "\n")


def trimmed(text: str | None) -> str:
    return (text or "").strip()


def no_nul(form: FlaskForm, field: Field) -> None:
    """PostgreSQL stores every character but U+0000."""
    if "\0" in field.data:
        raise ValidationError(_("This text holds a NUL character. Remove it and send it again."))


class Visible:
    """Demands at least one character that can be seen."""

    def __init__(self, message: Lazy) -> None:
        self.message = message

    def __call__(self, form: FlaskForm, field: Field) -> None:
        if all(unicodedata.category(character)[0] in "CZ" for character in field.data):
            raise ValidationError(str(self.message))


def at_most(length: int) -> Length:
    return Length(max=length, message=lazy("Use at most %(max)d characters."))


class AddressesField(TextAreaField):  # type: ignore[misc]
    """Takes one text of many addresses, or the field many times."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = "\n".join(valuelist)


class AppForm(FlaskForm):  # type: ignore[misc]
    """`member_ids` are the persons named in `members`, once the form has been validated."""

    name = StringField(
        lazy("Name"),
        filters=[trimmed],
        validators=[Visible(lazy("Give the app a name.")), at_most(NAME_LENGTH), no_nul],
    )
    members = AddressesField(lazy("Members"), filters=[line_ends], validators=[no_nul])
    member_ids: frozenset[int] = frozenset()

    def validate_members(self, field: Field) -> None:
        named = portal.members_named(db.session(), field.data)
        if named.unknown:
            raise ValidationError(_unknown(named.unknown))
        self.member_ids = named.ids


class RecordForm(FlaskForm):  # type: ignore[misc]
    title = StringField(
        lazy("Title"),
        filters=[trimmed],
        validators=[Visible(lazy("Give the record a title.")), at_most(TITLE_LENGTH), no_nul],
    )
    body = TextAreaField(
        lazy("Text"), filters=[line_ends], validators=[at_most(BODY_LENGTH), no_nul]
    )


class CommentForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(
        lazy("Your comment"),
        filters=[line_ends],
        validators=[Visible(lazy("Write something first.")), at_most(COMMENT_LENGTH), no_nul],
    )


def _unknown(words: tuple[str, ...]) -> str:
    shown = ", ".join(word[:100] for word in words[:_NAMED_IN_ERROR])
    if len(words) > _NAMED_IN_ERROR:
        more = len(words) - _NAMED_IN_ERROR
        return _(
            "Nobody here has these addresses: %(list)s and %(more)d more.", list=shown, more=more
        )
    return _("Nobody here has this address: %(list)s.", list=shown)
