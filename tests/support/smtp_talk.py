"""One connection of the scripted server."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from tests.support import smtp_script as act
from tests.support import smtp_tls
from tests.support.smtp_ledger import Ledger, Received
from tests.support.smtp_login import Login
from tests.support.smtp_wire import Over, Wire

if TYPE_CHECKING:
    from tests.support.smtpd import Options

_PATH = re.compile(r"(?:FROM|TO):<([^>]*)>\s*(.*)", re.IGNORECASE)
_ENDED = (ConnectionError, asyncio.IncompleteReadError, TimeoutError, OSError)


class Talk(Wire):
    mail_from: str | None
    mail_words: tuple[str, ...]
    rcpt_to: list[str]

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        options: Options,
        script: act.Script,
        records: Ledger,
    ) -> None:
        super().__init__(reader, writer, records)
        self.options, self.script = options, script
        self.tls = options.tls == "ssl"
        self.user: str | None = None
        self.helo = ""
        self._start_mail()

    async def run(self) -> None:
        try:
            await self.reply("connect", None)
            await self.reply("greeting", "220 scripted.example ESMTP")
            while True:
                await self._obey(await self.line())
        except (Over, *_ENDED):
            pass
        finally:
            self.writer.close()

    async def reply(self, phase: str, honest: str | None, argument: str = "") -> bool:
        """What the script says for the phase, else the honest reply; True when it was positive
        or left to the honest server."""
        action = self.script.action(phase, argument)
        return await self.perform(action, honest)

    async def _obey(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        commands = {
            "EHLO": self._ehlo,
            "HELO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "QUIT": self._quit,
        }
        command = commands.get(verb.upper())
        if command:
            await command(argument, line)
        else:
            await self.reply("other", "502 5.5.2 unknown command", line)

    async def _ehlo(self, argument: str, line: str) -> None:
        self.helo = argument
        honest = "250 scripted.example"
        if line.upper().startswith("EHLO"):
            honest = "\n".join(["250 scripted.example", *(f"250 {word}" for word in self._offer())])
        await self.reply("ehlo", honest, line)

    def _offer(self) -> list[str]:
        options = self.options
        words = ["8BITMIME", "ENHANCEDSTATUSCODES", *options.extensions]
        if options.size is not None:
            words.append(f"SIZE {options.size}")
        if options.smtputf8:
            words.append("SMTPUTF8")
        if options.tls == "starttls" and not self.tls:
            words.append("STARTTLS")
        if options.users:
            words.append("AUTH " + " ".join(options.mechanisms))
        return words

    async def _starttls(self, argument: str, _line: str) -> None:
        honest = "220 2.0.0 go ahead" if self.options.tls else "502 5.5.1 not here"
        if await self.reply("starttls", honest, argument):
            await self.reply("tls", None)
            await self.writer.start_tls(smtp_tls.server_context(self.options.certificate))
            self.tls = True
            self.buffer.clear()

    async def _auth(self, argument: str, _line: str) -> None:
        self.records.count("login_attempts")
        self.user = None
        action = self.script.action("auth", argument)
        if action is None:
            self.user = await Login(self, self.options.users).run(argument)
            if self.user:
                self.records.count("logins")
            await self.say("235 2.7.0 welcome" if self.user else "535 5.7.8 wrong credentials")
        else:
            await self.perform(action, None)

    async def _mail(self, argument: str, _line: str) -> None:
        self._start_mail()
        honest = "250 2.1.0 ok"
        if self.options.require_auth and not self.user:
            honest = "530 5.7.0 authentication required"
        found = _PATH.fullmatch(argument)
        if not found:
            honest = "501 5.5.4 no path"
        if await self.reply("mail", honest, argument) and found:
            self.mail_from, self.mail_words = found[1], tuple(found[2].split())

    async def _rcpt(self, argument: str, _line: str) -> None:
        found = _PATH.fullmatch(argument)
        honest = "250 2.1.5 ok" if found and self.mail_from is not None else "503 5.5.1 MAIL first"
        if await self.reply("rcpt", honest, argument) and found:
            self.rcpt_to.append(found[1])

    async def _data(self, argument: str, _line: str) -> None:
        honest = "354 go on" if self.rcpt_to else "503 5.5.1 RCPT first"
        if await self.reply("data", honest, argument):
            await self._dot(await self._content())

    async def _content(self) -> bytes:
        if not self.buffer:
            await self.receive()
        await self.reply("body", None)
        lead = b"\r\n"
        while (end := (lead + self.buffer).find(b"\r\n.\r\n")) < 0:
            await self.receive()
        stuffed = bytes(self.buffer[:end])
        del self.buffer[: end + len(".\r\n")]
        return (lead + stuffed).replace(b"\r\n.", b"\r\n")[len(lead) :]

    async def _dot(self, raw: bytes) -> None:
        if not self.rcpt_to:
            await self.say("554 5.5.1 no valid recipients")
            return
        mail = Received(
            self.mail_from or "",
            tuple(self.rcpt_to),
            raw,
            self.mail_words,
            self.user,
            self.tls,
            self.helo,
        )
        argument = f"{mail.mail_from} {' '.join(mail.rcpt_to)} {mail.message_id or ''}"
        action = self.script.action("dot", argument)
        self._start_mail()
        if isinstance(action, act.Accept):
            self.records.add(mail)
            await self.perform(action.then, None)
            return
        if isinstance(action, act.Delay):
            await asyncio.sleep(action.seconds)
            action = action.then
        text = action.text if isinstance(action, act.Say | act.Drip) else action
        if action is None or (isinstance(text, str) and text[0] == "2"):
            self.records.add(mail)
        await self.perform(action, "250 2.0.0 queued")

    async def _rset(self, argument: str, _line: str) -> None:
        self._start_mail()
        await self.reply("rset", "250 2.0.0 ok", argument)

    async def _quit(self, argument: str, _line: str) -> None:
        await self.reply("quit", "221 2.0.0 bye", argument)
        raise Over

    def _start_mail(self) -> None:
        self.mail_from = None
        self.mail_words = ()
        self.rcpt_to = []
