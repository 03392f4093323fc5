"""Comments under a record: posting, editing and deleting them."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from werkzeug import Response

from sysmail import portal
from sysmail.db import db
from sysmail.notifications import withdraw_about
from sysmail.portal import Comment, Record
from sysmail.web import here, kit
from sysmail.web.portal.blueprint import blueprint
from sysmail.web.portal.finding import asked_page, own_comment_or_404, record_or_404
from sysmail.web.portal.forms import CommentForm
from sysmail.web.portal.records import record_page
from sysmail.web.portal.untold import say_who_is_unknown
from sysmail.words import _

_COMMENTS = "/apps/<int:app_id>/records/<int:record_id>/comments"
_COMMENT = f"{_COMMENTS}/<int:comment_id>"


@blueprint.get(_COMMENTS)
@kit.signed_in
def all_comments(app_id: int, record_id: int) -> ResponseReturnValue:
    """The address of a form that came back: opened by itself it is the record's page."""
    return kit.see_other("portal.record", app_id=app_id, record_id=record_id, **asked_page())


@blueprint.post(_COMMENTS)
@kit.signed_in
def add_comment(app_id: int, record_id: int) -> ResponseReturnValue:
    app, record = record_or_404(app_id, record_id)
    form = CommentForm()
    if not form.validate():
        return record_page(app, record, form, 422)
    written = portal.add_comment(db.session(), here.me(), app, record, form.text.data)
    db.session.commit()
    kit.flash(_("Your comment was posted."), "success")
    say_who_is_unknown(written)
    return _back(record, f"comment-{written.thing.id}")


@blueprint.get(f"{_COMMENT}/revision")
@kit.signed_in
def edit_comment(app_id: int, record_id: int, comment_id: int) -> ResponseReturnValue:
    record, comment = own_comment_or_404(app_id, record_id, comment_id)
    mentions = portal.look_up(db.session(), [comment.text])
    text = portal.typed_again(comment.text, mentions)
    return _edition(record, comment, CommentForm(formdata=None, text=text))


@blueprint.post(f"{_COMMENT}/revision")
@kit.signed_in
def change_comment(app_id: int, record_id: int, comment_id: int) -> ResponseReturnValue:
    record, comment = own_comment_or_404(app_id, record_id, comment_id)
    form = CommentForm()
    if not form.validate():
        return _edition(record, comment, form, 422)
    written = portal.change_comment(db.session(), record, comment, form.text.data)
    db.session.commit()
    say_who_is_unknown(written)
    return _back(record, f"comment-{comment.id}")


@blueprint.get(f"{_COMMENT}/deletion")
@kit.signed_in
def confirm_comment_deletion(app_id: int, record_id: int, comment_id: int) -> ResponseReturnValue:
    record, comment = own_comment_or_404(app_id, record_id, comment_id)
    return kit.render_page(
        "portal/comment_deletion.html",
        record=record,
        comment=comment,
        mentions=portal.look_up(db.session(), [comment.text]),
    )


@blueprint.post(f"{_COMMENT}/deletion")
@kit.signed_in
def delete_comment(app_id: int, record_id: int, comment_id: int) -> ResponseReturnValue:
    record, comment = own_comment_or_404(app_id, record_id, comment_id)
    portal.delete_comment(db.session(), comment)
    withdraw_about(db.session(), record_id=record_id, comment_id=comment_id)
    db.session.commit()
    kit.flash(_("The comment was deleted."), "success")
    return _back(record, "discussion")


def _edition(
    record: Record, comment: Comment, form: CommentForm, status: int = 200
) -> ResponseReturnValue:
    return kit.render_page(
        "portal/comment_revision.html", status=status, record=record, comment=comment, form=form
    )


def _back(record: Record, place: str) -> Response:
    return kit.see_other("portal.record", app_id=record.app_id, record_id=record.id, _anchor=place)
