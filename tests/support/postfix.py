"""A real Postfix of the tests' own on loopback; the system's, if any, is left alone.

    with Postfix() as server:
        ...server.host, server.ports["login"], server.account_name, server.password...
        [mail] = server.inbox("alice@example.com")

It needs root, as every Postfix does, and the packages that `need` names.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.support import postfix_config, smtp_tls
from tests.support.needs import lacking, need, need_root
from tests.support.ports import free_port
from tests.support.postfix_config import LOGIN, MAIL_OWNER, SERVICES
from tests.support.postfix_mail import Arrived
from tests.support.processes import wait_for

# In this order a mail that moves on while we look is still seen.
_QUEUES = ("maildrop", "incoming", "active", "deferred")


class Postfix:
    """A private instance, from `with` to its end. `home` holds all it reads and writes,
    `ports` the port of each of `postfix_config.SERVICES`."""

    host = "localhost"
    account_name = LOGIN
    password = "correct horse, battery: 電池"

    def __enter__(self) -> Postfix:
        self._program = need("postfix", "postfix")
        self._saslpasswd = need("saslpasswd2", "sasl2-bin")
        need("/usr/lib/*/sasl2/libplain.so", "libsasl2-modules")
        need_root("Only root can start Postfix")
        with ExitStack() as closing:
            # Not below pytest's folders: those are closed to the users Postfix works as.
            self.home = Path(tempfile.mkdtemp(prefix="sysmail-postfix-"))
            closing.callback(shutil.rmtree, self.home)
            self._furnish()
            closing.callback(self._stop)
            self._run("start")
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @property
    def ca_file(self) -> str:
        """The authority behind its certificate, which is for `host`."""
        return smtp_tls.ca_file()

    @property
    def log(self) -> Path:
        return self.home / "postfix.log"

    @property
    def own_name(self) -> str:
        """The machine's name, by which the service own-name is reached: no loopback name."""
        name = socket.gethostname()
        try:
            socket.gethostbyname(name)
        except OSError:
            lacking(f"this machine cannot look up its own name: add {name} to /etc/hosts")
        return name

    def inbox(self, address: str) -> list[Arrived]:
        """What has arrived in a mailbox, once nothing is left that could still arrive."""
        wait_for(self._is_idle, 10, "an empty queue", self.log)
        return [Arrived(path.read_bytes()) for path in (self._mail / address).glob("new/*")]

    def empty(self) -> None:
        """Clears every mailbox."""
        wait_for(self._is_idle, 10, "an empty queue", self.log)
        for path in self._mail.glob("*/new/*"):
            path.unlink()

    @property
    def _mail(self) -> Path:
        return self.home / "mail"

    def _is_idle(self) -> bool:
        folders = (self.home / "queue" / queue for queue in _QUEUES)
        return not any(path.is_file() for folder in folders for path in folder.rglob("*"))

    def _furnish(self) -> None:
        self.home.chmod(0o755)
        for name in ("etc", "etc/sasl", "mail", "queue"):
            (self.home / name).mkdir()
        os.chown(self._mail, MAIL_OWNER, MAIL_OWNER)
        names = [service.name for service in SERVICES]
        self.ports = {name: free_port() for name in names}
        postfix_config.write(self.home, self.ports)
        certificate = smtp_tls.authority().issue_cert(*smtp_tls.NAMES)
        certificate.private_key_and_cert_chain_pem.write_to_path(self.home / "etc" / "server.pem")
        self._add_login()

    def _add_login(self) -> None:
        database = self.home / "etc" / "sasl" / "sasldb2"
        name, _, realm = LOGIN.partition("@")
        command = [self._saslpasswd, "-p", "-c", "-f", str(database), "-u", realm, name]
        subprocess.run(command, input=self.password.encode(), check=True)
        # smtpd reads it after it has become the user postfix.
        database.chmod(0o644)

    def _stop(self) -> None:
        lock = self.home / "queue" / "pid" / "master.pid"
        if not lock.exists():
            return
        master = int(lock.read_text())
        self._run("stop")
        wait_for(lambda: _has_ended(master), 10, "Postfix to end", self.log)

    def _run(self, verb: str) -> None:
        command = [self._program, "-c", str(self.home / "etc"), verb]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        log = self.log.read_text() if self.log.exists() else ""
        assert done.returncode == 0, f"postfix {verb}: {done.stdout}{done.stderr}{log}"


def _has_ended(pid: int) -> bool:
    """A container's first process may never reap it: then a zombie is all that is left."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
