"""A scripted SMTP server on loopback, for every test that needs a mail server.

    with ScriptedSmtp(users={"u": "p"}, tls="starttls") as server:
        server.script("rcpt", "550 5.1.1 no such user", when=lambda arg: "bad@" in arg)
        ...server.host, server.port, server.ca_file...
        [mail] = server.wait_for(1)
        assert mail.rcpt_to == ("bob@example.com",)

Phases: connect greeting ehlo starttls tls auth mail rcpt data body dot rset quit other.
Actions: `tests/support/smtp_script.py`. `when` gets what follows the verb ("" where nothing does).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tests.support import smtp_tls
from tests.support.smtp_ledger import Ledger, Received
from tests.support.smtp_script import Action, Script
from tests.support.smtp_talk import Talk

MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")


@dataclass
class Options:
    """What the server offers; a test may change it while the server runs."""

    users: Mapping[str, str] = field(default_factory=dict)
    tls: str | None = None
    certificate: str = "good"
    mechanisms: tuple[str, ...] = MECHANISMS
    require_auth: bool = False
    size: int | None = None
    smtputf8: bool = True
    extensions: tuple[str, ...] = ()
    accepts_token: Callable[[str, str], bool] = lambda _user, _token: False


class ScriptedSmtp:
    """`tls`: None, "starttls" or "ssl". With `users`, AUTH is offered and MAIL needs it."""

    host = "localhost"

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        tls: str | None = None,
        certificate: str = "good",
        mechanisms: Iterable[str] = MECHANISMS,
        require_auth: bool | None = None,
        size: int | None = None,
        smtputf8: bool = True,
        extensions: Iterable[str] = (),
        address: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.options = Options(
            users=users or {},
            tls=tls,
            certificate=certificate,
            mechanisms=tuple(mechanisms),
            require_auth=bool(users) if require_auth is None else require_auth,
            size=size,
            smtputf8=smtputf8,
            extensions=tuple(extensions),
        )
        self.address = address
        self.port = port
        self._script = Script()
        self._records = Ledger()
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> ScriptedSmtp:
        self._thread.start()
        self._in_loop(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._in_loop(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def ca_file(self) -> str:
        """The authority that signs the certificates good, wrong_name, expired, not_yet_valid."""
        return smtp_tls.ca_file()

    @property
    def ledger(self) -> list[Received]:
        """The mails accepted so far."""
        return self._records.received

    @property
    def commands(self) -> list[str]:
        """Every line a client sent outside of content, logins as they came."""
        return self._records.commands

    @property
    def connections(self) -> int:
        return self._records.counted("connections")

    @property
    def logins(self) -> int:
        return self._records.counted("logins")

    @property
    def login_attempts(self) -> int:
        return self._records.counted("login_attempts")

    def script(
        self,
        phase: str,
        action: Action,
        when: Callable[[str], bool] | None = None,
        times: int | None = None,
    ) -> None:
        """From now on do `action` at `phase`; the newest rule that fits counts."""
        self._script.add(phase, action, when, times)

    def honest(self, phase: str | None = None) -> None:
        """Take back what was scripted, at one phase or at all."""
        self._script.clear(phase)

    def wait_for(self, number: int, seconds: float = 5) -> list[Received]:
        """The ledger, once it holds so many mails; AssertionError after `seconds`."""
        return self._records.wait_for(number, seconds)

    def wait_until(self, what: str, number: int, seconds: float = 5) -> None:
        """Until `what` (connections, logins, login_attempts) was counted so often."""
        self._records.wait_until(what, number, seconds)

    def drop_connections(self) -> None:
        """End all open connections, as a restarting server does; new ones are welcome."""
        self._in_loop(self._end_talks())

    def _in_loop(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        implicit = self.options.tls == "ssl"
        context = smtp_tls.server_context(self.options.certificate) if implicit else None
        self._server = await asyncio.start_server(
            self._serve, self.address, self.port, ssl=context, limit=2**20
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._talks.add(task)
        self._writers.append(writer)
        self._records.count("connections")
        try:
            await Talk(reader, writer, self.options, self._script, self._records).run()
        finally:
            self._talks.discard(task)

    async def _end_talks(self) -> None:
        talks = list(self._talks)
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _stop(self) -> None:
        # asyncio leaks a connection that comes in the same round in which its server closes.
        await self._rounds()
        if self._server:
            self._server.close()
        await self._end_talks()
        for writer in self._writers:
            writer.transport.abort()
        await self._rounds()

    async def _rounds(self) -> None:
        """A transport takes up and lets go of its socket in the rounds of the loop that follow."""
        for _ in range(6):
            await asyncio.sleep(0)
