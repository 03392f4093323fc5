"""A worker's life as others can judge it: beats, leases, and who is certainly dead."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.config import BEAT_SECONDS
from sysmail.outbox.delivery import Worker

_SEEN = timedelta(seconds=30)
_MARGIN = 5.0


def boot_id() -> str:
    """This machine and this boot of it (Linux); elsewhere the machine alone."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return os.uname().nodename


def worker_alive(session: Session) -> bool:
    """Whether any worker was seen within the last 30 seconds."""
    return workers_alive(session) > 0


def workers_alive(session: Session) -> int:
    """How many workers were seen within the last 30 seconds."""
    since = clock.now() - _SEEN
    return session.scalar(select(func.count()).where(Worker.seen_at > since)) or 0


@dataclass
class _Seen:
    beats: int
    at: float


class Observer:
    """Judges other workers by its own monotonic clock, never by theirs."""

    def __init__(self, own_id: str, lease_seconds: float) -> None:
        self._own_id = own_id
        self._lease = lease_seconds
        self._seen: dict[str, _Seen] = {}

    def dead(self, session: Session) -> list[str]:
        """Ids of workers whose lease is over, or whose process is gone from this machine."""
        others = session.execute(
            select(Worker.id, Worker.boot_id, Worker.pid, Worker.beats).where(
                Worker.id != self._own_id
            )
        ).all()
        return [
            w.id for w in others if _is_gone(w.boot_id, w.id, w.pid) or self._silent(w.id, w.beats)
        ]

    def _silent(self, worker_id: str, beats: int) -> bool:
        seen = self._seen.get(worker_id)
        if seen is None or seen.beats != beats:
            self._seen[worker_id] = _Seen(beats, clock.monotonic())
            return False
        return clock.monotonic() - seen.at >= self._lease


def own_id() -> str:
    """Unique for as long as it matters: boot, process and its start time."""
    return f"{boot_id()[:36]}:{os.getpid()}:{_started(os.getpid())}"


def _is_gone(boot: str, worker_id: str, pid: int) -> bool:
    """Certain only on the same boot of the same machine."""
    if boot != boot_id():
        return False
    return _started(pid) != worker_id.rpartition(":")[2]


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot (proc(5)); "" when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]


class Heart(threading.Thread):
    """Beats every 10 seconds on a connection of its own, so that a slow server cannot stop it."""

    def __init__(self, engine: Engine, worker_id: str, lease_seconds: float) -> None:
        super().__init__(name="heart", daemon=True)
        self._engine = engine
        self._id = worker_id
        self._lease = lease_seconds
        self._stop_asked = threading.Event()
        self._beat_at = 0.0

    def run(self) -> None:
        while not self._stop_asked.wait(BEAT_SECONDS):
            self.beat()

    def beat(self) -> None:
        """One beat; a row that others took for dead is made anew. Raises nothing."""
        try:
            self._write()
        except SQLAlchemyError:
            return
        self._beat_at = clock.boottime()

    def _write(self) -> None:
        now = clock.now()
        with self._engine.begin() as connection:
            beat = update(Worker).where(Worker.id == self._id)
            if connection.execute(beat.values(beats=Worker.beats + 1, seen_at=now)).rowcount == 0:
                connection.execute(
                    insert(Worker).values(
                        id=self._id,
                        boot_id=boot_id(),
                        pid=os.getpid(),
                        started_at=now,
                        seen_at=now,
                        beats=1,
                    )
                )

    def is_fresh(self) -> bool:
        """Whether a final dot may still be sent: the lease cannot have been taken over yet."""
        return clock.boottime() - self._beat_at < self._lease - _MARGIN

    def stop(self) -> None:
        """Stops beating and takes the worker off the list."""
        self._stop_asked.set()
        with self._engine.begin() as connection:
            connection.execute(delete(Worker).where(Worker.id == self._id))
