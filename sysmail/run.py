"""`make run`: a small parent that keeps one web server and one worker alive.

It binds the port itself and hands it on, so that connections wait while a child starts.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from sysmail import config as configuration
from sysmail import create_app
from sysmail.config import Config, ConfigError
from sysmail.db import db
from sysmail.migrating import ensure
from sysmail.people import setup_link
from sysmail.vault import KeyTrouble

ROOT = Path(__file__).resolve().parent.parent
_LONGEST_BACKOFF = 30.0
_STEADY_SECONDS = 20.0
_STOP_SECONDS = 35.0
_PR_SET_PDEATHSIG = 1


class CannotStart(RuntimeError):
    """Something a person must mend first; the text says what."""


@dataclass
class Child:
    """One process that is started again when it ends, later each time."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    keep: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    backoff: float = field(default=1.0)

    def tend(self) -> None:
        """Starts it when it is due; notes its end."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self._start(now)
        elif (status := self.process.poll()) is not None:
            self._ended(now, status)

    def _start(self, now: float) -> None:
        self.process = subprocess.Popen(  # noqa: S603
            self.command,
            env=dict(self.environ),
            cwd=ROOT,
            pass_fds=self.keep,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self.started_at = now

    def _ended(self, now: float, status: int) -> None:
        if now - self.started_at > _STEADY_SECONDS:
            self.backoff = 1.0
        say(f"The {self.name} ended (status {status}); starting it again in {self.backoff:.0f} s.")
        self.process = None
        self.start_at = now + self.backoff
        self.backoff = min(self.backoff * 2, _LONGEST_BACKOFF)

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def await_end(self, until: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def say(text: str) -> None:
    """A line for the person at the terminal."""
    print(text, flush=True)  # noqa: T201


def main() -> int:
    """Runs until Ctrl-C; status 0 then, 1 when it could not start."""
    parser = argparse.ArgumentParser(prog="sysmail.run", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="a throw-away instance")
    arguments = parser.parse_args()
    os.umask(0o077)
    with ExitStack() as stack:
        try:
            environ = _environ(stack, arguments.demo)
            config = configuration.load(environ)
            listener = stack.enter_context(_bind(*config.bind))
            _prepare(config, arguments.demo)
        except (CannotStart, ConfigError, KeyTrouble) as error:
            say(f"Sysmail cannot start: {error}")
            return 1
        return _supervise(_children(environ, listener))


def _environ(stack: ExitStack, demo: bool) -> dict[str, str]:
    environ = dict(os.environ)
    if demo:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sysmail-demo-"))
        for name in [n for n in environ if n.startswith("SYSMAIL_") and "BIND" not in n]:
            del environ[name]
        environ |= {"SYSMAIL_INSTANCE": folder, "SYSMAIL_BUILTIN": "capture"}
    return environ


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        reason = os.strerror(error.errno).lower() if error.errno else "no such address"
        raise CannotStart(
            f"{host}:{port} cannot be used ({reason}). "
            "End what uses it, or set SYSMAIL_BIND to another address, such as 127.0.0.1:8080."
        ) from error
    listener.listen(128)
    listener.set_inheritable(True)
    return listener


def _prepare(config: Config, demo: bool) -> None:
    app = create_app(config)
    try:
        ensure(app)
    except SQLAlchemyError as error:
        raise CannotStart(f"the database cannot be used ({type(error).__name__}).") from error
    say(f"Sysmail is at {config.public_url}")
    with app.app_context():
        if demo:
            from sysmail.demo import furnish

            say(furnish(config))
        elif link := setup_link(config, db.session()):
            say(f"There is no administrator yet. Set the first one up here: {link}")
    say("Ctrl-C stops it.")


def _children(environ: Mapping[str, str], listener: socket.socket) -> list[Child]:
    gunicorn = [
        *("-m", "gunicorn", "--bind", f"fd://{listener.fileno()}"),
        *("--worker-class", "gthread", "--threads", "4", "--no-control-socket"),
        *("--graceful-timeout", "4", "--log-level", "warning", "wsgi:app"),
    ]
    return [
        Child("web server", [sys.executable, *gunicorn], environ, (listener.fileno(),)),
        Child("worker", [sys.executable, "-m", "flask", "worker"], environ),
    ]


def _supervise(children: list[Child]) -> int:
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: asked.append(received))
    parent = os.getppid()
    while not asked and os.getppid() == parent:
        for child in children:
            child.tend()
        time.sleep(0.1)
    for child in children:
        child.ask_to_end()
    patience = 4.0 if os.getppid() != parent else _STOP_SECONDS
    until = time.monotonic() + patience
    for child in children:
        child.await_end(until)
    say("Sysmail has stopped.")
    return 0


def _end_with_parent() -> None:
    """Linux tells a child when its parent dies; elsewhere each child looks for itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
