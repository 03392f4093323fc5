"""The scripted server's end of a connection: lines, replies, and misbehaviour."""

from __future__ import annotations

import asyncio
import socket
import struct

from tests.support import smtp_script as act
from tests.support.smtp_ledger import Ledger

_HOUR = 3600.0


class Over(Exception):
    """The talk ends here."""


class Wire:
    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, records: Ledger
    ) -> None:
        self.reader, self.writer, self.records = reader, writer, records
        self.buffer = bytearray()

    async def line(self) -> str:
        """The next command, without its CRLF."""
        while (end := self.buffer.find(b"\r\n")) < 0:
            await self.receive()
        text = self.buffer[:end].decode("utf-8", "surrogateescape")
        del self.buffer[: end + 2]
        self.records.command(text)
        return text

    async def say(self, text: str) -> None:
        await self.send("".join(f"{line}\r\n" for line in _as_reply(text)).encode())

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def perform(self, action: act.Action | None, honest: str | None) -> bool:
        match action:
            case None:
                if honest:
                    await self.say(honest)
                return honest is None or honest[0] in "23"
            case str(text) | act.Say(text):
                await self.say(text)
                return text[0] in "23"
            case act.Delay(seconds, then):
                await asyncio.sleep(seconds)
                return await self.perform(then, honest)
            case act.Drip(text, every):
                for byte in (text + "\r\n").encode():
                    await self.send(bytes([byte]))
                    await asyncio.sleep(every)
                return text[0] in "23"
            case act.Raw(data):
                await self.send(data)
                return True
            case _:
                await self._misbehave(action)
                raise Over

    async def _misbehave(self, action: act.Action) -> None:
        match action:
            case act.Close(text):
                if text:
                    await self.say(text)
            case act.Endless(line):
                while True:
                    await self.send((line or b"x" * 64) * 256)
            case act.Reset():
                connection = self.writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.writer.transport.abort()
            case act.Silence():
                await asyncio.sleep(_HOUR)
            case _:
                raise AssertionError(f"{action} is for the dot only")

    async def receive(self) -> None:
        data = await self.reader.read(65536)
        if not data:
            raise Over
        self.buffer += data


def _as_reply(text: str) -> list[str]:
    """ "250 a\\n250 b" as "250-a", "250 b"."""
    lines = text.split("\n")
    return [f"{line[:3]}-{line[4:]}" for line in lines[:-1]] + lines[-1:]
