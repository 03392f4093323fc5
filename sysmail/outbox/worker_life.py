"""A worker's life as others can judge it: beats, leases, and who is certainly dead."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.config import BEAT_SECONDS
from sysmail.outbox.delivery import Delivery, State, Worker

_SEEN = timedelta(seconds=30)
_MARGIN = 5.0
_AGAIN_SECONDS = 1.0
_UNLISTED = -1


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
        """Ids of workers whose lease is over, or whose process is gone from this machine.

        One that has claims but is not on the list is judged by its silence alone.
        """
        listed = select(Worker.id, Worker.boot_id, Worker.pid, Worker.beats)
        others = session.execute(listed.where(Worker.id != self._own_id)).all()
        silent = [w.id for w in others if self._silent(w.id, w.beats)]
        gone = [w.id for w in others if _is_gone(w.boot_id, w.id, w.pid) and w.id not in silent]
        known = {self._own_id, *(w.id for w in others)}
        strays = [w for w in _claimants(session) if w not in known and self._silent(w, _UNLISTED)]
        return [*silent, *gone, *strays]

    def strike_off(self, session: Session, worker_id: str) -> bool:
        """Takes a dead one off the list, and keeps it from beating until the transaction ends;
        False where it has beaten since it was judged."""
        beats = self._seen[worker_id].beats
        struck = delete(Worker).where(Worker.id == worker_id, Worker.beats == beats)
        if session.connection().execute(struck).rowcount == 1:
            return True
        return beats == _UNLISTED and session.get(Worker, worker_id) is None

    def _silent(self, worker_id: str, beats: int) -> bool:
        seen = self._seen.get(worker_id)
        if seen is None or seen.beats != beats:
            self._seen[worker_id] = _Seen(beats, clock.monotonic())
            return False
        return clock.monotonic() - seen.at >= self._lease


def _claimants(session: Session) -> Sequence[str]:
    theirs = select(Delivery.worker_id).where(
        Delivery.state == State.SENDING, Delivery.worker_id.is_not(None)
    )
    return [worker_id for worker_id in session.scalars(theirs.distinct()) if worker_id]


def own_id() -> str:
    """Unique for as long as it matters: boot, process and its start time."""
    return f"{boot_id()[:36]}:{os.getpid()}:{_started(os.getpid())}"


def _is_gone(boot: str, worker_id: str, pid: int) -> bool:
    """Certain only where process numbers mean the same: in one boot and one container."""
    if boot != _place():
        return False
    return _started(pid) != worker_id.rpartition(":")[2]


def _place() -> str:
    try:
        return f"{boot_id()}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return boot_id()


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
        self._lost = True
        self._beats = False

    def run(self) -> None:
        """Beats; one that failed is made up for soon."""
        while not self._stop_asked.wait(BEAT_SECONDS if self._beats else _AGAIN_SECONDS):
            self.beat()

    def beat(self) -> None:
        """One beat; a row that others took for dead is made anew. Raises nothing."""
        self._beats = False
        began = clock.boottime()
        try:
            was_listed = self._write()
        except SQLAlchemyError:
            return
        if not was_listed or not self._in_time():
            self._lost = True
        self._beat_at = began
        self._beats = True

    def _write(self) -> bool:
        """Whether the worker still stood on the list."""
        now = clock.now()
        row = {"id": self._id, "boot_id": _place(), "pid": os.getpid(), "started_at": now}
        with self._engine.begin() as connection:
            beat = update(Worker).where(Worker.id == self._id)
            beaten = connection.execute(beat.values(beats=Worker.beats + 1, seen_at=now))
            if beaten.rowcount == 0:
                connection.execute(insert(Worker).values(**row, seen_at=now, beats=1))
        return beaten.rowcount == 1

    def is_fresh(self) -> bool:
        """Whether a final dot may still be sent: no claim can have been taken over yet.

        A lease that was lost once stays lost, whatever beats follow, until `renew`.
        """
        if not self._in_time():
            self._lost = True
        return not self._lost

    def renew(self) -> bool:
        """To be called when what is claimed gets no dot: whether there is a lease again."""
        self._lost = not self._in_time()
        return not self._lost

    def _in_time(self) -> bool:
        return clock.boottime() - self._beat_at < self._lease - _MARGIN

    def stop(self) -> None:
        """Stops beating and takes the worker off the list, if the database lets it."""
        self._stop_asked.set()
        with suppress(SQLAlchemyError), self._engine.begin() as connection:
            connection.execute(delete(Worker).where(Worker.id == self._id))
