"""The bell's count is asked for every page, so an index answers it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.notifications import unread_count
from sysmail.people import Person


def test_the_count_is_read_from_its_index(session: Session, bob: Person) -> None:
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        seen.append((statement, values))

    person = session.get_one(Person, bob.id)
    assert person.email
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert unread_count(session, person) == 0
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    [(statement, values)] = seen
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    steps = [row[3] for row in plan]
    assert any("USING INDEX ix_notification_bell (person_id=? AND read_at=?)" in s for s in steps)
    assert not any("TEMP B-TREE" in step for step in steps)
