"""The worker's look at the mail server: as far as the login, no mail is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Database

from sysmail import clock
from sysmail.account.account import current
from sysmail.account.route import PasswordNeeded, TokenAwaited, endpoint
from sysmail.account.trusted import note_pinned
from sysmail.account.watch import begin_look, note_look
from sysmail.config import Config
from sysmail.jobs import Handler, Report, ask
from sysmail.smtp import Certificate, Deadlines, Endpoint, Klass, Mode, Session, Trouble, judge
from sysmail.vault import Vault

WATCH_JOB = "watch"
_NOBODY = 0
_PHASE_SECONDS = 10.0


def ask_for_look(session: Database, vault: Vault, now: datetime) -> None:
    """Makes the job of the daily look when that is due."""
    if begin_look(session, now):
        ask(session, vault, WATCH_JOB, {}, _NOBODY)


def watcher(sessions: Callable[[], Database], vault: Vault, config: Config) -> Handler:
    """A handler of jobs of kind "watch": connects, logs in, remembers what it met."""

    def look(_values: Mapping[str, Any], _report: Report) -> None:
        with sessions() as session:
            account = current(session)
            version, way = account.version, endpoint(account, config, vault)
        if isinstance(way, TokenAwaited):
            return
        found = way.trouble if isinstance(way, PasswordNeeded) else _meet(way)
        with sessions() as session:
            _note(session, version, found)
            session.commit()

    return look


def _meet(way: Endpoint) -> Trouble | Certificate | None:
    """The trouble, or the server's certificate; None without one."""
    with Session(replace(way, resumes=False), Deadlines.every(_PHASE_SECONDS)) as connection:
        trouble = connection.open()
        if trouble is not None:
            return trouble
        return connection.certificate


def _note(session: Database, version: int, found: Trouble | Certificate | None) -> None:
    now = clock.now()
    if not isinstance(found, Trouble):
        note_look(session, version, now, None, False, found.expires_at if found else None)
        if found:
            note_pinned(session, version, found)
        return
    verdict = judge(found, Mode.EXTERNAL)
    words = str(found.reply) if found.reply else found.detail
    trouble = (verdict.cause, found.phase.value, words)
    note_look(session, version, now, trouble, verdict.klass is Klass.TRANSIENT, None)
