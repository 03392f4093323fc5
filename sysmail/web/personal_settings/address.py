"""One's own e-mail address: a new one holds once the link mailed to it is confirmed."""

from __future__ import annotations

from flask import current_app
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import EmailField, Field, PasswordField, ValidationError

from sysmail import people
from sysmail.db import db
from sysmail.notifications import LIFETIMES, post_account_mail
from sysmail.people import BadAddress, Person, normalise_address
from sysmail.web import here, kit
from sysmail.web.personal_settings.routes import blueprint
from sysmail.web.signin import confirm_password, keep_me_signed_in
from sysmail.web.throttle import Throttle
from sysmail.words import _, lazy

_ASKED = Throttle("new_address", "5 per hour")


class AddressForm(FlaskForm):  # type: ignore[misc]
    """The new address, and the password: whoever finds a session open cannot take it over."""

    email = EmailField(lazy("New e-mail address"), render_kw={"autocomplete": "email"})
    own_password = PasswordField(
        lazy("Your password"), render_kw={"autocomplete": "current-password"}
    )

    def validate_email(self, field: Field) -> None:
        try:
            field.data = normalise_address(field.data or "")
        except BadAddress as error:
            raise ValidationError(str(error)) from error
        if field.data == here.me().email:
            raise ValidationError(_("This is your address already."))

    def validate_own_password(self, field: Field) -> None:
        if not confirm_password(here.me(), field.data or ""):
            raise ValidationError(_("This is not your password."))


@blueprint.get("/settings/address")
@kit.signed_in
def new_address() -> ResponseReturnValue:
    return _page(AddressForm(formdata=None))


@blueprint.post("/settings/address")
@kit.signed_in
def ask_new_address() -> ResponseReturnValue:
    """Says the same whether somebody else has the address or not."""
    form, me, session = AddressForm(), here.me(), db.session()
    if not form.validate():
        return _page(form, 422)
    _ASKED.count(str(me.id))
    link = f"{here.config().public_url}/settings/address/{address_token(me, form.email.data)}"
    post_account_mail(session, here.vault(), me, "new_address", link, form.email.data)
    session.commit()
    email = form.email.data
    told = _("A mail is on its way to %(email)s. Confirm the address with its link.", email=email)
    kit.flash(told, "success")
    return kit.see_other("personal_settings.notifications")


@blueprint.get("/settings/address/<token>")
@kit.signed_in
def confirm_address(token: str) -> ResponseReturnValue:
    return _confirmation(token, _asked_for(token))


@blueprint.post("/settings/address/<token>")
@kit.signed_in
def take_address(token: str) -> ResponseReturnValue:
    me, session, email = here.me(), db.session(), _asked_for(token)
    if email is None:
        return _confirmation(token, None)
    before = me.email
    refused = people.edit_person(session, me.actor, me, email, me.name)
    if refused is not None:
        return _confirmation(token, email, refused.message)
    portal = here.config().public_url
    post_account_mail(session, here.vault(), me, "address_changed", portal, before)
    session.commit()
    keep_me_signed_in(me)
    kit.flash(_("Your address is %(email)s now.", email=email), "success")
    return kit.see_other("personal_settings.notifications")


def address_token(person: Person, email: str) -> str:
    """Good once: a new address, like a new password, changes the person's mark."""
    return str(_serializer().dumps([person.fs_uniquifier, email]))


def _asked_for(token: str) -> str | None:
    """The address that the signed-in person asked for; None for any other token."""
    life = int(LIFETIMES["new_address"].total_seconds())
    try:
        mark, email = _serializer().loads(token, max_age=life)
    except BadSignature:
        return None
    return str(email) if mark == here.me().fs_uniquifier else None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="new address")


def _page(form: AddressForm, status: int = 200) -> ResponseReturnValue:
    return kit.render_page("personal_settings/address.html", status=status, form=form)


def _confirmation(token: str, email: str | None, refusal: str = "") -> ResponseReturnValue:
    status = 404 if email is None else 422 if refusal else 200
    return kit.render_page(
        "personal_settings/address_confirmation.html",
        status=status,
        token=token,
        email=email,
        refusal=refusal,
    )
