"""Postfix's smtp-sink: accepts every mail and throws it away, as fast as C can."""

from __future__ import annotations

import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.process import started, wait_until
from tests.support.ports import free_port


class Missing(RuntimeError):
    """A program that a row needs is not on this machine; the text says how to get it."""


@dataclass(frozen=True)
class Sink:
    """Listening on `port` of 127.0.0.1."""

    port: int
    output: Path

    def accepted(self) -> int:
        """How many mails it has accepted so far."""
        with self.output.open("rb") as file:
            file.seek(max(0, self.output.stat().st_size - 200))
            counts = re.findall(rb"mesg=(\d+)\r", file.read())
        return int(counts[-1]) if counts else 0


@contextmanager
def sink(cpus: set[int] | None = None) -> Iterator[Sink]:
    """A sink of its own, which says when it is ready. Raises Missing."""
    program = program_at("smtp-sink", "postfix")
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="sysmail-sink-") as output:
        command = [program, "-c", "-u", "nobody", f"127.0.0.1:{port}", "1000"]
        with started(command, cpus, output=output.file):
            wait_until(lambda: answers(port), "smtp-sink", 10)
            yield Sink(port, Path(output.name))


def program_at(name: str, package: str) -> str:
    """Where a program is. Raises Missing."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        raise Missing(f"{name} is missing: on Debian, apt-get install {package}")
    return found


def answers(port: int) -> bool:
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)):
        return True
    return False
