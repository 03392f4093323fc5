"""Apps and records that a person follows or mutes, whatever else they chose."""

from __future__ import annotations

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from sysmail.db import inserting
from sysmail.preferences.preference import AppChoice, RecordChoice

FOLLOW, MUTE = "follow", "mute"
MODES = (FOLLOW, MUTE)


def app_mode(session: Session, person_id: int, app_id: int) -> str | None:
    """follow | mute, or None where the person's choice for all apps holds."""
    return _mode(session, AppChoice, {"person_id": person_id, "app_id": app_id})


def record_mode(session: Session, person_id: int, record_id: int) -> str | None:
    """follow | mute, or None where what holds for the record's app does."""
    return _mode(session, RecordChoice, {"person_id": person_id, "record_id": record_id})


def app_modes(session: Session, person_id: int) -> dict[int, str]:
    """The mode of each app that the person follows or mutes."""
    which = AppChoice.person_id == person_id
    return dict(session.execute(select(AppChoice.app_id, AppChoice.mode).where(which)).all())


def record_modes(session: Session, person_id: int) -> dict[int, str]:
    """The mode of each record that the person follows or mutes."""
    which = RecordChoice.person_id == person_id
    return dict(
        session.execute(select(RecordChoice.record_id, RecordChoice.mode).where(which)).all()
    )


def chosen_records(person_id: int) -> Select[int]:
    """The ids of the records that the person follows or mutes, to ask with."""
    return select(RecordChoice.record_id).where(RecordChoice.person_id == person_id)


def store_app_mode(session: Session, person_id: int, app_id: int, mode: str | None) -> None:
    """Follows or mutes an app, or neither. Raises ValueError for another mode."""
    _store(session, AppChoice, {"person_id": person_id, "app_id": app_id}, mode)


def store_record_mode(session: Session, person_id: int, record_id: int, mode: str | None) -> None:
    """Follows or mutes a record, or neither. Raises ValueError for another mode."""
    _store(session, RecordChoice, {"person_id": person_id, "record_id": record_id}, mode)


_Model = type[AppChoice] | type[RecordChoice]


def _mode(session: Session, model: _Model, key: dict[str, int]) -> str | None:
    return session.scalar(select(model.mode).filter_by(**key))


def _store(session: Session, model: _Model, key: dict[str, int], mode: str | None) -> None:
    """Two tabs may save at once, so the database decides whether the row is there."""
    if mode is None:
        session.execute(delete(model).filter_by(**key))
        return
    if mode not in MODES:
        raise ValueError(f"no such mode: {mode}")
    statement = inserting(session.get_bind().dialect.name, model).values(**key, mode=mode)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"mode": mode}))
