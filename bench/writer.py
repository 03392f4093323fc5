"""Somebody who edits a comment 50 times a second, as the web server does it.

    python -m bench.writer

For each line "SECONDS" it reads, it writes that long and prints the p99 and the longest write as
JSON, in milliseconds. The instance is that of its environment.
"""

from __future__ import annotations

import json
import os
import sys
import time

from sqlalchemy.orm import Session

from sysmail.db import db
from sysmail.people import Person
from sysmail.portal import change_comment, find_app, find_comment, find_record
from tests.support.instance import attach

_EVERY = 1 / 50


def main() -> None:
    app = attach(dict(os.environ))
    with app.app_context():
        _edit(db.session(), 0)
        print("ready", flush=True)
        for line in sys.stdin:
            print(json.dumps(_write_for(float(line))), flush=True)


def _write_for(seconds: float) -> list[float]:
    took: list[float] = []
    due = time.monotonic()
    until = due + seconds
    while due < until:
        time.sleep(max(0.0, due - time.monotonic()))
        began = time.monotonic()
        _edit(db.session(), len(took))
        took.append((time.monotonic() - began) * 1000)
        due += _EVERY
    took.sort()
    return [took[int(len(took) * 0.99)], took[-1]]


def _edit(session: Session, number: int) -> None:
    """What the view does: look up, one verb, commit."""
    author = session.get_one(Person, 1)
    app = find_app(session, author, 1)
    record = find_record(session, app, 1) if app else None
    comment = find_comment(session, record, 1) if record else None
    assert record
    assert comment
    change_comment(session, record, comment, f"They want an answer by Friday ({number}).")
    session.commit()


if __name__ == "__main__":
    main()
