"""Processes of the bench: started, pinned, weighed, and ended by their ids."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def started(
    command: list[str],
    cpus: set[int] | None = None,
    environ: Mapping[str, str] | None = None,
    output: int | IO[bytes] = subprocess.DEVNULL,
) -> Iterator[subprocess.Popen[bytes]]:
    """The process for as long as the block lasts; `cpus` are those it may use, all unless given."""
    pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus else None
    process = subprocess.Popen(
        command, env=environ, cwd=ROOT, stdout=output, stderr=output, preexec_fn=pin
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_seconds(pid: int) -> float:
    """What the process has computed so far, all its threads, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_mebibytes(pid: int) -> float:
    """The most memory it has ever held."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found, "a living process has a VmHWM"
    return int(found[1]) / 1024


def wait_until(
    check: Callable[[], bool], what: str, seconds: float = 120, pause: float = 0.01
) -> None:
    """Returns when `check` is true. Raises TimeoutError naming `what`."""
    until = time.monotonic() + seconds
    while not check():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(pause)


def family_seconds(pid: int) -> float:
    """What a server and its children have computed so far, those that have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / _TICKS
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    alive = 0.0
    for child in children:
        with suppress(FileNotFoundError, ProcessLookupError):
            alive += cpu_seconds(int(child))
    return cpu_seconds(pid) + ended + alive
