"""Those we are compared with: each a script in a process of its own, given the same task."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.content import content
from bench.process import ROOT
from bench.sink import Missing

SCRIPTS = Path(__file__).resolve().parent / "rivals"


def task(port: int, messages: int, **more: Any) -> dict[str, Any]:
    """The same words to as many people, by the server at `port`."""
    made = content()
    return {
        "port": port,
        "messages": messages,
        "sender": "no-reply@portal.example.com",
        "addresses": [f"person{number}@example.com" for number in range(messages)],
        "subject": made.subject,
        "text": made.text,
        "html": made.html,
        "content": made.data.decode("ascii"),
        **more,
    }


def rival(
    script: str, given: dict[str, Any], environ: dict[str, str] | None = None
) -> dict[str, Any]:
    """What a script of bench/rivals printed. Raises Missing where they are not installed."""
    return _run(rivals_program("python"), script, given, environ=environ)


def rivals_program(name: str) -> str:
    """A program of the rivals' own virtual environment. Raises Missing."""
    folder = Path(os.environ.get("BENCH_VENV", str(ROOT / ".venv-bench")))
    found = folder / "bin" / name
    if not found.exists():
        raise Missing(f"{name} of the rivals is not installed: make bench does it")
    return str(found)


def raw_smtplib(
    port: int, messages: int, connections: int = 1, cpus: set[int] | None = None
) -> float:
    """Mails a second of smtplib with ready bytes over kept connections."""
    given = task(port, messages, connections=connections)
    return messages / float(_run(sys.executable, "raw_smtplib.py", given, cpus=cpus)["seconds"])


def courier(port: int, messages: int, cpus: set[int] | None = None) -> float:
    """Mails a second of our courier with ready bytes over one kept connection."""
    script = "../carry.py"
    return messages / float(
        _run(sys.executable, script, task(port, messages), cpus=cpus)["seconds"]
    )


def _run(
    python: str,
    script: str,
    given: dict[str, Any],
    environ: dict[str, str] | None = None,
    cpus: set[int] | None = None,
) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(given, file)
        file.flush()
        done = subprocess.run(
            [python, str(SCRIPTS / script), file.name],
            env=environ,
            capture_output=True,
            text=True,
            timeout=1800,
            preexec_fn=(lambda: os.sched_setaffinity(0, cpus)) if cpus else None,
        )
    if done.returncode != 0:
        raise RuntimeError(f"{script} failed:\n{done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
