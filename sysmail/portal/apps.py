"""Apps: made by anybody, changed and deleted by administrators."""

from __future__ import annotations

from collections.abc import Set

from sqlalchemy import select
from sqlalchemy.orm import Session

from sysmail import audit, clock
from sysmail.people import Person
from sysmail.portal.access import visible_apps
from sysmail.portal.members import admit_only
from sysmail.portal.models import App


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
    before = _facts(app)
    app.name = name
    admit_only(session, app, member_ids)
    details = _facts(app) | {"before": before, "members": len(member_ids)}
    audit.record(session, "app_changed", administrator.actor, details)


def delete_app(session: Session, administrator: Person, app: App) -> None:
    """Deletes the app with its records and their comments."""
    audit.record(session, "app_deleted", administrator.actor, _facts(app))
    session.delete(app)
    session.flush()


def _facts(app: App) -> dict[str, object]:
    return {"app": app.name, "app_id": app.id, "open": app.is_open}
