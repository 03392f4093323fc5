"""The portal's home: every app one may see, and the form for a new one."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from sysmail import portal
from sysmail.db import db
from sysmail.portal import App, visible_apps
from sysmail.web import here, kit
from sysmail.web.paging import keyset_page
from sysmail.web.portal.blueprint import blueprint
from sysmail.web.portal.finding import asked_page
from sysmail.web.portal.forms import AppForm

_APPS_A_PAGE = 200


@blueprint.get("/")
@kit.signed_in
def home() -> ResponseReturnValue:
    return _page(AppForm(formdata=None))


@blueprint.get("/apps")
@kit.signed_in
def all_apps() -> ResponseReturnValue:
    """The address of a form that came back: opened by itself it is the home page."""
    return kit.see_other("portal.home", **asked_page())


@blueprint.post("/apps")
@kit.signed_in
def add_app() -> ResponseReturnValue:
    form = AppForm()
    if not form.validate():
        return _page(form, 422)
    app = portal.add_app(db.session(), here.me(), form.name.data, form.member_ids)
    db.session.commit()
    return kit.see_other("portal.app", app_id=app.id)


def _page(form: AppForm, status: int = 200) -> ResponseReturnValue:
    visible = select(App).where(visible_apps(here.me()))
    page = keyset_page(db.session(), visible, [App.id], request.args, _APPS_A_PAGE)
    return kit.render_page("portal/home.html", "apps", status=status, page=page, form=form)
