"""Why did or didn't somebody get a mail? Asked of a person, or of a mail in the history."""

from __future__ import annotations

import re
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.events import AUDIT_LOG_ADDED, Event
from sysmail.notifications import Notification, Told, decided_for, event_about
from sysmail.outbox import Delivery
from sysmail.people import Person
from sysmail.web import here, kit
from sysmail.web.administration.blueprint import blueprint
from sysmail.web.administration.chain import Case, case_of, case_of_mail, chain
from sysmail.web.administration.forms import AskAbout
from sysmail.web.administration.steps import verdict
from sysmail.web.administration.users import find
from sysmail.web.failures.rows import KINDS
from sysmail.web.paging import keyset_page
from sysmail.web.portal.audience import named
from sysmail.words import _

_THING = re.compile(r"/apps/\d{1,18}/records/(\d{1,18})(?:.*#comment-(\d{1,18}))?\s*$", re.DOTALL)
_LARGEST_ID = 2**63 - 1
_LONGEST = 1000


@blueprint.get("/users/<int:person_id>/mail")
@kit.administrator
def mail_of_user(person_id: int) -> ResponseReturnValue:
    """What was decided for one person, newest first; or straight to what was asked `about`."""
    person, form = _person(person_id), AskAbout(request.args)
    if form.about.data:
        event = _event_about(form.about.data.strip()[:_LONGEST])
        if event is not None:
            return kit.see_other(".why_mail", person_id=person_id, event_id=event.id)
        unknown = _("This is not the address of a record or comment that anybody was told of.")
        form.about.errors = [unknown]
    decided = decided_for(person_id)
    page = keyset_page(db.session(), decided, [Notification.id], request.args)
    return kit.render_page(
        "administration/mail_of_user.html",
        "decided",
        status=422 if form.errors else 200,
        person=person,
        form=form,
        page=page,
        rows=[(row, _what(row.kind, row.snapshot), _how(row)) for row in page.items],
    )


@blueprint.get("/users/<int:person_id>/mail/<int:event_id>")
@kit.administrator
def why_mail(person_id: int, event_id: int) -> ResponseReturnValue:
    person, session = _person(person_id), db.session()
    event = session.get(Event, event_id) if event_id <= _LARGEST_ID else None
    if event is None:
        abort(404)
    what = _what(event.kind, event.snapshot)
    return _page(case_of(session, here.config(), person, event), what, event)


@blueprint.get("/system-mail/failures/<int:delivery_id>/why")
@kit.administrator
def why_delivery(delivery_id: int) -> ResponseReturnValue:
    """The same, from the failure history; a test to an address of nobody has no such chain."""
    session = db.session()
    mail = session.get(Delivery, delivery_id) if delivery_id <= _LARGEST_ID else None
    person = session.get(Person, mail.person_id) if mail and mail.person_id else None
    if mail is None or person is None:
        abort(404)
    if mail.event_id and session.get(Event, mail.event_id):
        return kit.see_other(".why_mail", person_id=person.id, event_id=mail.event_id)
    what = str(KINDS.get(mail.kind, mail.kind))
    return _page(case_of_mail(session, here.config(), person, mail), what, mail)


def _page(case: Case, what: str, about: Event | Delivery) -> ResponseReturnValue:
    links = chain(db.session(), case)
    return kit.render_page(
        "administration/why.html",
        person=case.person,
        links=links,
        verdict=verdict(case.person.name, links),
        what=what,
        at=about.created_at,
        delivery=case.mail.delivery if case.mail else None,
    )


def _person(person_id: int) -> Person:
    return find(person_id) if person_id <= _LARGEST_ID else abort(404)


def _event_about(text: str) -> Event | None:
    found = _THING.search(text)
    if found is None:
        return None
    comment_id = int(found[2]) if found[2] else None
    return event_about(db.session(), int(found[1]), comment_id)


def _what(kind: str, told: dict[str, Any]) -> str:
    label = str(KINDS.get(kind, kind))
    if kind == AUDIT_LOG_ADDED.name:
        return label
    return _("%(kind)s: “%(title)s”", kind=label, title=told.get("title", ""))


def _how(row: Any) -> str:
    return named(Told(*row[: len(Told._fields)])).how
