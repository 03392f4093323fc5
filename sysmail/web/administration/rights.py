"""What a person may do: each change of state is a POST of its own."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from sysmail import people
from sysmail.audit import record
from sysmail.db import db
from sysmail.notifications import withdraw_for
from sysmail.people import Person, Refused
from sysmail.web import here, kit
from sysmail.web.administration.blueprint import blueprint
from sysmail.web.administration.forms import SetPassword
from sysmail.web.administration.users import find, user_page
from sysmail.web.signin import hashed, keep_me_signed_in, post_link
from sysmail.words import _


@blueprint.post("/users/<int:person_id>/disabled")
@kit.administrator
def user_disabled(person_id: int) -> ResponseReturnValue:
    person = find(person_id)
    refused = people.disable_person(db.session(), here.me().actor, person)
    withdraw_for(db.session(), person_id)
    return _answer(person, refused, _("%(name)s is disabled and signed out.", name=person.name))


@blueprint.post("/users/<int:person_id>/enabled")
@kit.administrator
def user_enabled(person_id: int) -> ResponseReturnValue:
    person = find(person_id)
    people.enable_person(db.session(), here.me().actor, person)
    return _answer(person, None, _("%(name)s can sign in again.", name=person.name))


@blueprint.post("/users/<int:person_id>/administrator")
@kit.administrator
def user_administrator(person_id: int) -> ResponseReturnValue:
    person = find(person_id)
    people.make_administrator(db.session(), here.me().actor, person)
    return _answer(person, None, _("%(name)s is an administrator now.", name=person.name))


@blueprint.post("/users/<int:person_id>/member")
@kit.administrator
def user_member(person_id: int) -> ResponseReturnValue:
    person = find(person_id)
    refused = people.unmake_administrator(db.session(), here.me().actor, person)
    withdraw_for(db.session(), person_id)
    words = _("%(name)s is no administrator any more.", name=person.name)
    return _answer(person, refused, words)


@blueprint.post("/users/<int:person_id>/invitation")
@kit.administrator
def user_invitation(person_id: int) -> ResponseReturnValue:
    person, session = find(person_id), db.session()
    post_link(session, here.vault(), person)
    details = {"id": person.id, "email": person.email, "name": person.name}
    record(session, "user_invited", here.me().actor, details)
    return _answer(person, None, _("A link is on its way to %(email)s.", email=person.email))


@blueprint.post("/users/<int:person_id>/password")
@kit.administrator
def user_password(person_id: int) -> ResponseReturnValue:
    person, form = find(person_id), SetPassword()
    if not form.validate():
        return user_page(person, 422, password_form=form)
    people.set_password(db.session(), here.me().actor, person, hashed(form.password.data))
    return _answer(person, None, _("The new password of %(name)s holds.", name=person.name))


def _answer(person: Person, refused: Refused | None, done: str) -> ResponseReturnValue:
    if refused:
        return user_page(person, 422, refusal=refused.message)
    db.session.commit()
    keep_me_signed_in(person)
    kit.flash(done, "success")
    if person.id == here.me().id and not (person.active and person.is_administrator):
        return kit.see_other("portal.home")
    return kit.see_other(".user", person_id=person.id)
