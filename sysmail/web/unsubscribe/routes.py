"""GET shows what would happen, for link scanners visit it too; POST does it, and only less."""

from __future__ import annotations

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from sysmail.db import db
from sysmail.events import Kind
from sysmail.notifications import SUMMARIES, apply_record_mode, is_told, read_token, record_of
from sysmail.notifications import unsubscribe as unsubscribe_from
from sysmail.people import Person, link_key
from sysmail.preferences import MUTE, choice_of, record_mode
from sysmail.vault import CannotOpen
from sysmail.web import here, kit

blueprint = Blueprint("unsubscribe", __name__)


@blueprint.get("/unsubscribe/<token>")
@kit.public
def show(token: str) -> ResponseReturnValue:
    return _page(token, *_bearer(token))


@blueprint.post("/unsubscribe/<token>")
@kit.public
def act(token: str) -> ResponseReturnValue:
    """What a mail program sends by itself: no cookie, no redirect, either form encoding."""
    person, kind = _bearer(token)
    unsubscribe_from(db.session(), person, kind)
    db.session.commit()
    return _page(token, person, kind)


@blueprint.post("/unsubscribe/<token>/record")
@kit.public
def mute(token: str) -> ResponseReturnValue:
    """Ends the mails about one record instead of a kind; a person presses this, no program."""
    person, kind = _bearer(token)
    record = record_of(db.session(), person, token) or abort(404)
    apply_record_mode(db.session(), person, record.id, MUTE)
    db.session.commit()
    return _page(token, person, kind)


kit.csrf.exempt(act)
kit.csrf.exempt(mute)


def _bearer(token: str) -> tuple[Person, Kind]:
    try:
        found = read_token(db.session(), link_key(db.session(), here.vault()), token)
    except CannotOpen:
        found = None
    return found or abort(404)


def _page(token: str, person: Person, kind: Kind) -> ResponseReturnValue:
    session = db.session()
    record = record_of(session, person, token)
    return kit.render_page(
        "unsubscribe/show.html",
        token=token,
        kind=kind,
        is_told=is_told(choice_of(session, person.id), kind),
        of_summaries=kind is SUMMARIES,
        record=record,
        is_muted=record is not None and record_mode(session, person.id, record.id) == MUTE,
    )
