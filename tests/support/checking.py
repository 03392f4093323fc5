"""Connection checks by the worker's jobs alone, under deadlines that keep tests quick."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.orm import sessionmaker

from sysmail.db import db
from sysmail.diagnosis import CHECK, Limits, checker
from sysmail.jobs import JobRunner
from tests.support.page import Page
from tests.support.processes import wait_for

# Where a server hangs; every other gets the time that a process or a first token takes to begin
# on a busy machine.
SHORT = Limits(phase=1, total=4, silence=0.2)
PATIENT = Limits(phase=6, total=18, silence=0.2)
_OVER = "[data-check-state=ok], [data-check-state=failed]"


@contextmanager
def checks(app: Flask, limits: Limits = PATIENT) -> Iterator[JobRunner]:
    """What a worker does about checks; several seconds are minutes here."""
    config, vault = app.extensions["sysmail.config"], app.extensions["sysmail.vault"]
    with app.app_context():
        sessions = sessionmaker(db.engine)
    runner = JobRunner(sessions, vault, {CHECK: checker(config, limits)})
    runner.start()
    try:
        yield runner
    finally:
        runner.stop()


def await_check(page: Page, runner: JobRunner) -> Page:
    """Until the check is over, by polling as the page does itself."""
    runner.nudge()

    def is_over() -> bool:
        if page.htmx:
            page.poll()
        else:
            page.get(page.url)
        return bool(page.select(_OVER))

    wait_for(is_over, 20, "the end of the check")
    return page
