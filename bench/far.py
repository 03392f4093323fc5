"""A mail server far away, or behind TLS: a relay on loopback that hands bytes on later.

    python -m bench.far TARGET_PORT MILLISECONDS [CERTIFICATE.pem]

Each byte arrives half a round trip after it was sent, however much is under way. With a
certificate the relay's own side is TLS. It prints its port when it listens.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from bench.process import started, wait_until

_CHUNK = 64 * 1024


@contextmanager
def far(
    port: int, milliseconds: float, certificate: str = "", cpus: set[int] | None = None
) -> Iterator[int]:
    """The port by which `port` is so many milliseconds (there and back) away."""
    command = [sys.executable, "-m", "bench.far", str(port), str(milliseconds)]
    with tempfile.NamedTemporaryFile(prefix="sysmail-far-") as output:
        said = Path(output.name)
        with started([*command, *filter(None, [certificate])], cpus, output=output.file):
            wait_until(lambda: re.match(r"\d+\n", said.read_text()) is not None, "the relay", 20)
            yield int(said.read_text().split()[0])


async def _serve(target: int, delay: float, context: ssl.SSLContext | None) -> None:
    handle = partial(_join, target, delay)
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _join(
    target: int, delay: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    there, back = await asyncio.open_connection("127.0.0.1", target)
    await asyncio.gather(_hand_on(reader, back, delay), _hand_on(there, writer, delay))


async def _hand_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float
) -> None:
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError, ssl.SSLError):
        while chunk := await reader.read(_CHUNK):
            if delay:
                loop.call_later(delay, writer.write, chunk)
            else:
                writer.write(chunk)
    loop.call_later(delay, writer.close)


def main() -> None:
    target, milliseconds, *certificate = sys.argv[1:]
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate[0])
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(target), float(milliseconds) / 2000, context))


if __name__ == "__main__":
    main()
