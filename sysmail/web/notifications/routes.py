"""What one is told in the portal: unread first, then what was read. Opening is a POST."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug import Response

from sysmail.db import db
from sysmail.notifications import Notification, Place, heard, mark_all_read, open_heard
from sysmail.portal import Comment
from sysmail.web import here, kit
from sysmail.web.notifications.items import item
from sysmail.web.paging import PAGE_SIZE, keyset_page

blueprint = Blueprint("notifications", __name__)
_LARGEST_ID = 2**63 - 1
READ = "read"


@blueprint.get("/notifications")
@kit.signed_in
def listing() -> ResponseReturnValue:
    """The newest unread first; what was read, the last read first."""
    is_read = request.args.get("show") == READ
    keys = [Notification.read_at, Notification.id] if is_read else [Notification.id]
    page = keyset_page(db.session(), heard(here.me(), is_read=is_read), keys, request.args)
    return kit.render_page(
        "notifications/listing.html",
        "heard",
        "bell_now",
        page=page,
        items=[item(row) for row in page.items],
        newest=max((row.id for row in page.items), default=0),
        is_read=is_read,
        asked=_asked(),
    )


@blueprint.post("/notifications/<int:notification_id>/open")
@kit.signed_in
def open_one(notification_id: int) -> ResponseReturnValue:
    return _at(_read(notification_id))


@blueprint.post("/notifications/<int:notification_id>/read")
@kit.signed_in
def read_one(notification_id: int) -> ResponseReturnValue:
    _read(notification_id)
    return _back()


@blueprint.post("/notifications/read")
@kit.signed_in
def read_all() -> ResponseReturnValue:
    newest = request.form.get("newest", type=int) or 0
    mark_all_read(db.session(), here.me(), min(newest, _LARGEST_ID))
    db.session.commit()
    return _back()


def _read(notification_id: int) -> Place:
    known = notification_id <= _LARGEST_ID
    place = open_heard(db.session(), here.me(), notification_id) if known else None
    if place is None:
        abort(404)
    db.session.commit()
    return place


def _at(place: Place) -> Response:
    if place.app_id is None:
        return kit.see_other("administration.audit_log")
    record = {"app_id": place.app_id, "record_id": place.record_id}
    if place.comment_id is None:
        return kit.see_other("portal.record", **record)
    page = {} if _is_recent(place) else {"before": place.comment_id + 1}
    anchor = f"comment-{place.comment_id}"
    return kit.see_other("portal.record", **record, **page, _anchor=anchor)


def _is_recent(place: Place) -> bool:
    """Whether the comment stands on the first page of its record."""
    newer = select(Comment.id).where(
        Comment.record_id == place.record_id, Comment.id > place.comment_id
    )
    beyond = newer.order_by(Comment.id).offset(PAGE_SIZE - 1).limit(1)
    return db.session.scalar(beyond) is None


def _back() -> Response:
    return kit.see_other("notifications.listing", **_asked())


def _asked() -> dict[str, str]:
    """The place in the pages that the request's URL names."""
    names = ("show", "before", "after")
    return {name: request.args[name] for name in names if name in request.args}
