"""The audit log: filters stand in the URL."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from flask.typing import ResponseReturnValue

from sysmail import audit, clock
from sysmail.audit import Entry
from sysmail.db import db
from sysmail.web import kit
from sysmail.web.administration.blueprint import blueprint
from sysmail.web.administration.forms import PERIODS, AuditFilter
from sysmail.web.paging import keyset_page


@blueprint.get("/audit-log")
@kit.administrator
def audit_log() -> ResponseReturnValue:
    form = AuditFilter(request.args)
    days = PERIODS.get(form.period.data or "")
    since = clock.now() - timedelta(days=days) if days else None
    found = audit.search(form.action.data or "", (form.person.data or "").strip(), since)
    page = keyset_page(db.session(), found, [Entry.id], request.args)
    return kit.render_page(
        "administration/audit_log.html",
        "entries",
        form=form,
        page=page,
        filtered=any(form.data.values()),
        describe=audit.describe,
    )
