"""Erasing a person: a page that says what happens, and the button that does it."""

from __future__ import annotations

from flask import abort
from flask.typing import ResponseReturnValue

from sysmail import leaving
from sysmail.db import db
from sysmail.people import Person
from sysmail.web import here, kit
from sysmail.web.administration.blueprint import blueprint
from sysmail.web.administration.users import find
from sysmail.words import _


@blueprint.get("/users/<int:person_id>/erasure")
@kit.administrator
def user_erasure(person_id: int) -> ResponseReturnValue:
    """What erasing does; of who was erased, how far it is."""
    person: Person = db.session.get(Person, person_id) or abort(404)
    if person.erased_at is not None:
        erasure = leaving.erasure_of(db.session(), person_id)
        return kit.render_page("administration/erased.html", "state", erasure=erasure)
    return _page(person)


@blueprint.post("/users/<int:person_id>/erasure")
@kit.administrator
def user_erase(person_id: int) -> ResponseReturnValue:
    person = find(person_id)
    refused = leaving.erase_person(db.session(), here.vault(), here.me().actor, person)
    if refused:
        db.session.rollback()
        return _page(find(person_id), refused.message, 422)
    db.session.commit()
    kit.flash(_("This person is erased: nobody can sign in as them any more."), "success")
    return kit.see_other(".user_erasure", person_id=person_id)


def _page(person: Person, refusal: str = "", status: int = 200) -> ResponseReturnValue:
    is_me = person.id == here.me().id
    return kit.render_page(
        "administration/erasure.html", status=status, person=person, refusal=refusal, is_me=is_me
    )
