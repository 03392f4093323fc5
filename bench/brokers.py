"""What the rivals need around them: Redis, workers, and a Postfix that relays to a sink."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.others import SCRIPTS, rivals_program
from bench.process import started, wait_until
from bench.sink import Missing, answers, program_at
from tests.support.ports import free_port

_MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.example.com
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
relayhost = [127.0.0.1]:{sink}
smtpd_relay_restrictions = permit_mynetworks,reject
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@contextmanager
def celery() -> Iterator[dict[str, str]]:
    """Redis with an append-only file, and a Celery worker of two processes, one for each CPU;
    their environment."""
    program = program_at("redis-server", "redis-server")
    with tempfile.TemporaryDirectory(prefix="sysmail-redis-") as folder:
        port = free_port()
        environ = _environ(f"redis://127.0.0.1:{port}/0")
        redis = [program, "--port", str(port), "--dir", folder, "--appendonly", "yes"]
        worker = [rivals_program("celery"), "-A", "celery_tasks", "worker", "-c", "2"]
        with started([*redis, "--save", ""]):
            wait_until(lambda: answers(port), "Redis", 20)
            with started(worker, environ=environ):
                yield environ


@contextmanager
def huey() -> Iterator[dict[str, str]]:
    """A huey consumer of four threads on a SQLite file; its environment."""
    with tempfile.TemporaryDirectory(prefix="sysmail-huey-") as folder:
        environ = _environ(str(Path(folder) / "huey.db"))
        worker = [rivals_program("huey_consumer"), "huey_tasks.huey", "-w", "4"]
        with started(worker, environ=environ):
            yield environ


@contextmanager
def postfix(sink_port: int) -> Iterator[int]:
    """The port of a Postfix of our own, as it comes, that hands on to the sink."""
    program = program_at("postfix", "postfix")
    if os.geteuid() != 0:
        raise Missing("only root can start Postfix")
    home = Path(tempfile.mkdtemp(prefix="sysmail-postfix-"))
    port = free_port()
    home.chmod(0o755)
    for name in ("etc", "queue"):
        (home / name).mkdir()
    (home / "etc" / "main.cf").write_text(_MAIN.format(home=home, sink=sink_port))
    (home / "etc" / "master.cf").write_text(_MASTER.format(port=port))
    command = [program, "-c", str(home / "etc")]
    subprocess.run([*command, "start"], check=True, capture_output=True)
    try:
        wait_until(lambda: answers(port), "Postfix", 20)
        yield port
    finally:
        subprocess.run([*command, "stop"], check=True, capture_output=True)
        master = home / "queue" / "pid" / "master.pid"
        wait_until(lambda: not master.exists() or not _lives(master), "Postfix to end", 20)
        shutil.rmtree(home)


def _lives(master: Path) -> bool:
    return Path(f"/proc/{master.read_text().strip()}").exists()


def _environ(broker: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "BROKER": broker, "PYTHONPATH": str(SCRIPTS)}
