"""Real processes for tests: started on free ports, ended by their ids."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
T = TypeVar("T")


def wait_for(
    check: Callable[[], T | None],
    seconds: float = 20,
    what: str = "",
    log: Path | None = None,
) -> T:
    """The first true value of `check`; fails with `what` and the log after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        if found := check():
            return found
        if time.monotonic() > until:
            told = log.read_text() if log else ""
            raise AssertionError(f"waited {seconds} s in vain for {what or check}\n{told}")
        time.sleep(0.02)


class Sysmail:
    """`python -m sysmail.run` in a process group of its own."""

    def __init__(self, folder: Path, port: int, *arguments: str, **settings: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self.log = folder.parent / f"{folder.name}.log"
        self.environ = {
            "PATH": os.environ["PATH"],
            "SYSMAIL_INSTANCE": str(folder),
            "SYSMAIL_BIND": f"127.0.0.1:{port}",
            "SYSMAIL_BUILTIN": "capture",
            **{f"SYSMAIL_{name}": value for name, value in settings.items()},
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sysmail.run", *arguments],
                env=self.environ,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self, pattern: str, seconds: float = 20) -> str:
        """The first group of `pattern` once it stands in what was printed."""

        def look() -> str | None:
            found = re.search(pattern, self.log.read_text())
            return found[1] if found else None

        return wait_for(look, seconds, repr(pattern), self.log)

    def await_page(self, path: str = "/healthz", seconds: float = 20) -> str:
        def look() -> str | None:
            assert self.process.poll() is None, self.log.read_text()
            try:
                with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                    return str(answer.read().decode()) or "empty"
            except OSError:
                return None

        return wait_for(look, seconds, path, self.log)

    def flask(self, *arguments: str, text: str = "") -> str:
        """What a flask command prints on this instance."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *arguments],
            env=self.environ,
            cwd=ROOT,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def descendants(self) -> list[int]:
        """Ids of every process below, this one included, that is alive."""
        return [pid for pid in family_of(self.process.pid) if is_alive(pid)]

    def end(self, number: int = signal.SIGTERM, seconds: float = 15) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)


@contextmanager
def running(folder: Path, *arguments: str, **settings: str) -> Iterator[Sysmail]:
    """Sysmail, answering; whatever is left of it afterwards is killed."""
    sysmail = Sysmail(folder, free_port(), *arguments, **settings)
    family: list[int] = []
    try:
        sysmail.await_page()
        family = sysmail.descendants()
        yield sysmail
        family += sysmail.descendants()
    finally:
        if sysmail.process.poll() is None:
            sysmail.process.terminate()
            sysmail.process.wait(15)
        for pid in family:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def family_of(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += family_of(int(child))
    return found
