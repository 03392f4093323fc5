"""A record: its text, what was said about it, and its edition and end."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from sysmail import portal
from sysmail.db import db
from sysmail.notifications import withdraw_about
from sysmail.portal import App, Comment, Record
from sysmail.web import here, kit
from sysmail.web.paging import keyset_page
from sysmail.web.portal.audience import audience_lines
from sysmail.web.portal.blueprint import blueprint
from sysmail.web.portal.finding import own_record_or_404, record_or_404
from sysmail.web.portal.following import record_following
from sysmail.web.portal.forms import CommentForm, RecordForm
from sysmail.web.portal.untold import say_who_is_unknown
from sysmail.words import _

_RECORD = "/apps/<int:app_id>/records/<int:record_id>"


@blueprint.get(_RECORD)
@kit.signed_in
def record(app_id: int, record_id: int) -> ResponseReturnValue:
    return record_page(*record_or_404(app_id, record_id), CommentForm(formdata=None))


@blueprint.get(f"{_RECORD}/revision")
@kit.signed_in
def edit_record(app_id: int, record_id: int) -> ResponseReturnValue:
    app, record = own_record_or_404(app_id, record_id)
    mentions = portal.look_up(db.session(), [record.body])
    body = portal.typed_again(record.body, mentions)
    return _edition(app, record, RecordForm(formdata=None, title=record.title, body=body))


@blueprint.post(f"{_RECORD}/revision")
@kit.signed_in
def change_record(app_id: int, record_id: int) -> ResponseReturnValue:
    app, record = own_record_or_404(app_id, record_id)
    form = RecordForm()
    if not form.validate():
        return _edition(app, record, form, 422)
    title, body = form.title.data, form.body.data
    written = portal.change_record(db.session(), here.me(), record, title, body)
    db.session.commit()
    say_who_is_unknown(written)
    return kit.see_other("portal.record", app_id=app_id, record_id=record_id)


@blueprint.get(f"{_RECORD}/deletion")
@kit.signed_in
def confirm_record_deletion(app_id: int, record_id: int) -> ResponseReturnValue:
    app, record = own_record_or_404(app_id, record_id)
    return kit.render_page("portal/record_deletion.html", app=app, record=record)


@blueprint.post(f"{_RECORD}/deletion")
@kit.signed_in
def delete_record(app_id: int, record_id: int) -> ResponseReturnValue:
    app, record = own_record_or_404(app_id, record_id)
    title = record.title
    portal.delete_record(db.session(), here.me(), app, record)
    withdraw_about(db.session(), record_id=record_id)
    db.session.commit()
    kit.flash(_("The record “%(title)s” was deleted.", title=title), "success")
    return kit.see_other("portal.app", app_id=app_id)


def record_page(
    app: App, record: Record, form: CommentForm, status: int = 200
) -> ResponseReturnValue:
    """The record with a page of comments; htmx gets only what was said about it."""
    comments = (
        select(Comment).where(Comment.record_id == record.id).options(joinedload(Comment.creator))
    )
    page = keyset_page(db.session(), comments, [Comment.id], request.args)
    texts = [record.body, *(comment.text for comment in page.items)]
    return kit.render_page(
        "portal/record.html",
        "discussion",
        status=status,
        app=app,
        record=record,
        page=page,
        form=form,
        mentions=portal.look_up(db.session(), texts),
        following=record_following(record),
        told=audience_lines(record, page.items),
        may_change=lambda thing: portal.may_change(here.me(), thing),
    )


def _edition(app: App, record: Record, form: RecordForm, status: int = 200) -> ResponseReturnValue:
    return kit.render_page(
        "portal/record_revision.html", status=status, app=app, record=record, form=form
    )
