"""A real Dovecot submission server of the tests' own on loopback; what it takes, it relays.

    with Dovecot(tls="ssl", passwords={"portal@example.com": "secret"}) as server:
        ...server.host, server.port...
        [mail] = server.ledger

It needs root, as every Dovecot with users of its own does, and the packages that `need` names.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.support import dovecot_config, smtp_tls
from tests.support.dovecot_config import Options
from tests.support.needs import need, need_root
from tests.support.ports import free_port
from tests.support.processes import family_of, is_alive, wait_for
from tests.support.smtp_ledger import Received
from tests.support.smtpd import ScriptedSmtp


class Dovecot:
    """One listener. `options`: as in tests/support/dovecot_config.py. `relay` is the server that
    Dovecot hands mail to, for a test to script."""

    def __init__(
        self, passwords: Mapping[str, str] | None = None, host: str = "localhost", **options: str
    ) -> None:
        self.host = host
        self.options = Options(**options)
        self._passwords = passwords or {}
        self.relay = ScriptedSmtp()

    def __enter__(self) -> Dovecot:
        program = _program()
        with ExitStack() as closing:
            closing.enter_context(self.relay)
            # Not below pytest's folders: those are closed to the users Dovecot works as.
            self._home = Path(tempfile.mkdtemp(prefix="sysmail-dovecot-"))
            closing.callback(shutil.rmtree, self._home)
            self._furnish()
            command = [program, "-F", "-c", str(self._home / "dovecot.conf")]
            self._process = subprocess.Popen(command, start_new_session=True)
            closing.callback(self._stop)
            wait_for(self._answers, 10, "Dovecot to listen", self._home / "dovecot.log")
            self._closing = closing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @property
    def ledger(self) -> list[Received]:
        """The mails it relayed."""
        return self.relay.ledger

    @property
    def log(self) -> str:
        return (self._home / "dovecot.log").read_text()

    def _furnish(self) -> None:
        self._home.chmod(0o755)
        self.port = free_port()
        (self._home / "dovecot.log").touch()
        certificate = smtp_tls.issue(self.options.certificate)
        certificate.private_key_and_cert_chain_pem.write_to_path(self._home / "server.pem")
        listener = (self._address, self.port)
        dovecot_config.write(self._home, self.options, self._passwords, listener, self.relay.port)

    def _stop(self) -> None:
        """All its processes at once: told alone, the first waits a second for the others."""
        everyone = family_of(self._process.pid)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(10)
        wait_for(lambda: not any(map(is_alive, everyone)), 10, "the end of Dovecot")

    @property
    def _address(self) -> str:
        return "127.0.0.1" if self.host == "localhost" else self.host

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log
        with socket.socket() as probe:
            return probe.connect_ex((self._address, self.port)) == 0


def _program() -> str:
    program = need("dovecot", "dovecot-core")
    need("/usr/lib/dovecot/submission", "dovecot-submissiond")
    need_root("Dovecot gives up the rights of root for each of its users")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    if not version.stdout.startswith("2.3."):
        pytest.skip("Dovecot 2.4 is configured in another language than 2.3, for which this is")
    return program
