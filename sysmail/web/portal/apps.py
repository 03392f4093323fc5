"""An app: its records, the form for a new one; for administrators its settings and its end."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from sysmail import portal
from sysmail.db import db
from sysmail.notifications import withdraw_about
from sysmail.portal import App, Record
from sysmail.web import here, kit
from sysmail.web.paging import keyset_page
from sysmail.web.portal.blueprint import blueprint
from sysmail.web.portal.finding import app_or_404, asked_page
from sysmail.web.portal.following import app_following
from sysmail.web.portal.forms import AppForm, RecordForm
from sysmail.web.portal.untold import say_who_is_unknown
from sysmail.words import _


@blueprint.get("/apps/<int:app_id>")
@kit.signed_in
def app(app_id: int) -> ResponseReturnValue:
    return _page(app_or_404(app_id), RecordForm(formdata=None))


@blueprint.get("/apps/<int:app_id>/records")
@kit.signed_in
def all_records(app_id: int) -> ResponseReturnValue:
    """The address of a form that came back: opened by itself it is the app's page."""
    return kit.see_other("portal.app", app_id=app_id, **asked_page())


@blueprint.post("/apps/<int:app_id>/records")
@kit.signed_in
def add_record(app_id: int) -> ResponseReturnValue:
    app, form = app_or_404(app_id), RecordForm()
    if not form.validate():
        return _page(app, form, 422)
    title, body = form.title.data, form.body.data
    written = portal.add_record(db.session(), here.me(), app, title, body)
    db.session.commit()
    say_who_is_unknown(written)
    return kit.see_other("portal.record", app_id=app_id, record_id=written.thing.id)


@blueprint.get("/apps/<int:app_id>/settings")
@kit.administrator
def app_settings(app_id: int) -> ResponseReturnValue:
    app = app_or_404(app_id)
    members = "\n".join(portal.member_addresses(db.session(), app))
    return _settings(app, AppForm(formdata=None, name=app.name, members=members))


@blueprint.post("/apps/<int:app_id>/settings")
@kit.administrator
def change_app(app_id: int) -> ResponseReturnValue:
    app, form = app_or_404(app_id), AppForm()
    if not form.validate():
        return _settings(app, form, 422)
    portal.change_app(db.session(), here.me(), app, form.name.data, form.member_ids)
    withdraw_about(db.session(), app_id=app_id)
    db.session.commit()
    kit.flash(_("The app was changed."), "success")
    return kit.see_other("portal.app", app_id=app_id)


@blueprint.get("/apps/<int:app_id>/deletion")
@kit.administrator
def confirm_app_deletion(app_id: int) -> ResponseReturnValue:
    return kit.render_page("portal/app_deletion.html", app=app_or_404(app_id))


@blueprint.post("/apps/<int:app_id>/deletion")
@kit.administrator
def delete_app(app_id: int) -> ResponseReturnValue:
    app = app_or_404(app_id)
    name = app.name
    portal.delete_app(db.session(), here.me(), app)
    withdraw_about(db.session(), app_id=app_id)
    db.session.commit()
    kit.flash(_("The app “%(name)s” was deleted.", name=name), "success")
    return kit.see_other("portal.home")


def _page(app: App, form: RecordForm, status: int = 200) -> ResponseReturnValue:
    records = select(Record).where(Record.app_id == app.id).options(joinedload(Record.creator))
    page = keyset_page(db.session(), records, [Record.id], request.args)
    return kit.render_page(
        "portal/app.html",
        "records",
        status=status,
        app=app,
        page=page,
        form=form,
        following=app_following(app),
    )


def _settings(app: App, form: AppForm, status: int = 200) -> ResponseReturnValue:
    return kit.render_page("portal/app_settings.html", status=status, app=app, form=form)
