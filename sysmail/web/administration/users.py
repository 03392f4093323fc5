"""Users: the list, adding one, changing name and address."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from sysmail import people
from sysmail.db import db
from sysmail.notifications import try_address_again
from sysmail.people import Person, Refused
from sysmail.web import here, kit
from sysmail.web.administration.blueprint import blueprint
from sysmail.web.administration.forms import AddUser, ChangeUser, SetPassword
from sysmail.web.paging import keyset_page
from sysmail.web.signin import hashed, keep_me_signed_in, post_link
from sysmail.words import _


@blueprint.get("/users")
@kit.administrator
def users() -> ResponseReturnValue:
    session, words = db.session(), request.args.get("q", "").strip()[:200]
    only_bouncing = request.args.get("state") == "bouncing"
    found = people.matching(words)
    if only_bouncing:
        found = found.where(people.bouncing())
    page = keyset_page(session, found, [Person.id], request.args)
    count = session.scalar(select(func.count(Person.id)).where(people.bouncing()))
    return kit.render_page(
        "administration/users.html",
        "people",
        page=page,
        words=words,
        bouncing=count,
        only_bouncing=only_bouncing,
    )


@blueprint.get("/users/new")
@kit.administrator
def user_new() -> ResponseReturnValue:
    return kit.render_page("administration/new_user.html", form=AddUser())


@blueprint.post("/users")
@kit.administrator
def user_add() -> ResponseReturnValue:
    form = AddUser()
    if not form.validate():
        return kit.render_page("administration/new_user.html", status=422, form=form)
    outcome = _add(form)
    if isinstance(outcome, Refused):
        form.refuse(outcome)
        return kit.render_page("administration/new_user.html", status=422, form=form)
    kit.flash(_added(outcome), "success")
    return kit.see_other(".users")


@blueprint.get("/users/<int:person_id>")
@kit.administrator
def user(person_id: int) -> ResponseReturnValue:
    return user_page(find(person_id))


@blueprint.post("/users/<int:person_id>/mail")
@kit.administrator
def user_mail(person_id: int) -> ResponseReturnValue:
    person = find(person_id)
    try_address_again(db.session(), person, here.me().actor)
    db.session.commit()
    kit.flash(_("Mail goes to %(email)s again.", email=person.email), "success")
    return kit.see_other(".user", person_id=person_id)


@blueprint.post("/users/<int:person_id>")
@kit.administrator
def user_change(person_id: int) -> ResponseReturnValue:
    person, form = find(person_id), ChangeUser()
    if not form.validate():
        return user_page(person, 422, form=form)
    session, address = db.session(), person.email
    refused = people.edit_person(session, here.me().actor, person, form.email.data, form.name.data)
    if refused:
        form.refuse(refused)
        return user_page(person, 422, form=form)
    if person.password is None and person.email != address:
        post_link(session, here.vault(), person)
    session.commit()
    keep_me_signed_in(person)
    kit.flash(_("%(name)s is saved.", name=person.name), "success")
    return kit.see_other(".user", person_id=person.id)


def find(person_id: int) -> Person:
    """The person, or 404; who was erased is nobody."""
    person: Person | None = db.session.get(Person, person_id)
    return abort(404) if person is None or person.erased_at is not None else person


def user_page(
    person: Person,
    status: int = 200,
    *,
    form: ChangeUser | None = None,
    password_form: SetPassword | None = None,
    refusal: str = "",
) -> ResponseReturnValue:
    """One person's page, with what a form on it came back with."""
    return kit.render_page(
        "administration/user.html",
        status=status,
        person=person,
        form=form or ChangeUser(None, obj=person),
        password_form=password_form or SetPassword(None),
        refusal=refusal,
    )


def _add(form: AddUser) -> Person | Refused:
    session, password = db.session(), form.password.data
    outcome = people.add_person(
        session,
        here.me().actor,
        form.email.data,
        form.name.data,
        administrator=form.is_administrator.data,
        password_hash=hashed(password) if password else None,
    )
    if isinstance(outcome, Person):
        if not password:
            post_link(session, here.vault(), outcome)
        session.commit()
    return outcome


def _added(person: Person) -> str:
    if person.password is None:
        return _("%(name)s is added. The invitation is on its way.", name=person.name)
    return _("%(name)s is added and can sign in.", name=person.name)
