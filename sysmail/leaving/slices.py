"""What a step of the clearing is, and the slices of ids it goes by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from sysmail.leaving.known import Known

# From where the step goes on; None when it is over, REST when it has to wait for a moment.
Step = Callable[[Session, Known, int, Path], int | None]
REST = -1


def last_id(
    session: Session, column: InstrumentedAttribute[Any], after: int, size: int
) -> int | None:
    """The last id of the next `size` rows; None when there is no row any more."""
    upcoming = select(column).where(column > after).order_by(column).limit(size).subquery()
    last: int | None = session.scalar(select(func.max(upcoming.c[0])))
    return last
