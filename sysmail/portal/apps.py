"""Apps: made by anybody, changed and deleted by administrators."""

from __future__ import annotations

from collections.abc import Sequence, Set

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import audit, clock
from sysmail.people import Person
from sysmail.portal.access import visible_apps
from sysmail.portal.members import admit_only, member_addresses
from sysmail.portal.models import App
from sysmail.words import _

_TOLD_MEMBERS = 20


def find_app(session: Session, person: Person, app_id: int) -> App | None:
    """The app, if there is one that this person may see."""
    return session.scalar(select(App).where(App.id == app_id, visible_apps(person)))


def add_app(session: Session, person: Person, name: str, member_ids: Set[int] = frozenset()) -> App:
    """A new app of these members and its creator; without any it is open to everyone."""
    app = App(name=name, is_open=True, created_at=clock.now(), created_by=person.id)
    session.add(app)
    session.flush()
    if member_ids:
        admit_only(session, app, member_ids | {person.id})
    audit.record(session, "app_added", person.actor, _facts(app))
    return app


def change_app(
    session: Session, administrator: Person, app: App, name: str, member_ids: Set[int]
) -> None:
    """Renames the app and makes exactly these its members; without any it becomes open."""
    before = _values(session, app)
    app.name = name
    admit_only(session, app, member_ids)
    after = _values(session, app)
    changed = [field for field in after if after[field] != before[field]]
    if changed:
        details = _facts(app) | {
            "before": {field: _told(before[field]) for field in changed},
            "after": {field: _told(after[field]) for field in changed},
        }
        audit.record(session, "app_changed", administrator.actor, details)


def delete_app(session: Session, administrator: Person, app: App) -> None:
    """Deletes the app with its records and their comments."""
    audit.record(session, "app_deleted", administrator.actor, _facts(app))
    session.delete(app)
    session.flush()


def _facts(app: App) -> dict[str, object]:
    return {"app": app.name, "app_id": app.id}


def _values(session: Session, app: App) -> dict[str, str | Sequence[str]]:
    return {"name": app.name, "members": member_addresses(session, app)}


def _told(value: str | Sequence[str]) -> str:
    """A value as an audit entry tells it: of many members only the first ones."""
    if isinstance(value, str):
        return value
    if not value:
        return _("everyone")
    shown = ", ".join(value[:_TOLD_MEMBERS])
    more = len(value) - _TOLD_MEMBERS
    return _("%(list)s and %(more)d more", list=shown, more=more) if more > 0 else shown
