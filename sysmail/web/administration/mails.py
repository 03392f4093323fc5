"""Mail Design: what is the installation's own in its mails, and each kind of mail to look at."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, StringField, TextAreaField, ValidationError

from sysmail import notifications
from sysmail.db import db
from sysmail.notifications import FOOTER_LENGTH, PORTAL_LENGTH, SAMPLES, Design, Sample
from sysmail.people import BadAddress, normalise_address
from sysmail.web import here, kit
from sysmail.web.administration.blueprint import blueprint
from sysmail.words import LANGUAGES, _, language, lazy

_FOOTER_LINES = 6


class DesignForm(FlaskForm):  # type: ignore[misc]
    """What may be set."""

    portal = StringField(lazy("Name of the portal"), render_kw={"maxlength": PORTAL_LENGTH})
    names_actor = BooleanField(lazy("Mail comes from “NAME via this portal”"))
    reply_to = EmailField(lazy("Address for replies"))
    footer = TextAreaField(lazy("Footer"), render_kw={"rows": 3, "maxlength": FOOTER_LENGTH})

    def validate_portal(self, field: Field) -> None:
        field.data = " ".join((field.data or "").split())
        if not field.data or not field.data.isprintable():
            raise ValidationError(_("Enter a name of printable characters."))
        _at_most(field, PORTAL_LENGTH)

    def validate_reply_to(self, field: Field) -> None:
        typed = (field.data or "").strip()
        try:
            field.data = normalise_address(typed) if typed else ""
        except BadAddress as error:
            raise ValidationError(str(error)) from error
        # Otherwise each mail would need SMTPUTF8, which few servers offer (RFC 6531).
        if not field.data.partition("@")[0].isascii():
            raise ValidationError(_("Before the @ only ASCII letters, digits and signs work here."))

    def validate_footer(self, field: Field) -> None:
        lines = [" ".join(line.split()) for line in (field.data or "").strip().splitlines()]
        field.data = "\n".join(lines)
        if not all(line.isprintable() for line in lines):
            raise ValidationError(_("The footer holds characters that cannot be printed."))
        if len(lines) > _FOOTER_LINES:
            raise ValidationError(_("At most %(most)s lines.", most=_FOOTER_LINES))
        _at_most(field, FOOTER_LENGTH)

    def design(self) -> Design:
        return Design(
            self.portal.data, self.footer.data, self.names_actor.data, self.reply_to.data or None
        )


@blueprint.get("/mails")
@kit.administrator
def mails() -> ResponseReturnValue:
    return _page(DesignForm(formdata=None, obj=notifications.design(db.session())))


@blueprint.post("/mails")
@kit.administrator
def mails_change() -> ResponseReturnValue:
    form = DesignForm()
    if not form.validate():
        return _page(form, 422)
    notifications.change_design(db.session(), here.me().actor, form.design())
    db.session.commit()
    kit.flash(_("The mail design is saved. Look at the previews."), "success")
    return kit.see_other(".mails")


@blueprint.get("/mails/<kind>")
@kit.administrator
def mails_preview(kind: str) -> ResponseReturnValue:
    """One kind as it would be sent now, with things that never happened in it."""
    shown = kit.render_page(
        "administration/mail_preview.html",
        kind=kind,
        label=SAMPLES.get(kind) or abort(404),
        sample=_sample(kind),
        tongue=_tongue(),
        languages=LANGUAGES,
    )
    return kit.framing(shown)


@blueprint.get("/mails/<kind>/body")
@kit.administrator
def mails_body(kind: str) -> ResponseReturnValue:
    """The HTML body alone, under its own policy."""
    return kit.mail_body(_sample(kind).letter.html or abort(404))


def _sample(kind: str) -> Sample:
    if kind not in SAMPLES:
        abort(404)
    return notifications.sample(db.session(), here.config(), kind, _tongue())


def _tongue() -> str:
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else language.get()


def _at_most(field: Field, length: int) -> None:
    if len(field.data) > length:
        raise ValidationError(_("At most %(most)s characters.", most=length))


def _page(form: DesignForm, status: int = 200) -> ResponseReturnValue:
    return kit.render_page("administration/mails.html", status=status, form=form, samples=SAMPLES)
