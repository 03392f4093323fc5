"""A long line on loopback: a proxy that delivers each byte some milliseconds later.

with SlowLine("127.0.0.1", server.port, seconds=0.005) as line:   # round trips of 10 ms
    ...connect to 127.0.0.1, line.port...
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from types import TracebackType


class SlowLine:
    """`seconds`: how long a byte travels in each direction; bandwidth has no limit."""

    def __init__(self, host: str, port: int, seconds: float) -> None:
        self.port = 0
        self._target = (host, port)
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> SlowLine:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, near: asyncio.StreamReader, near_end: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far, far_end = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(self._carry(near, far_end), self._carry(far, near_end))
        finally:
            near_end.close()
            far_end.close()
            self._tasks.discard(task)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        travelling: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(travelling, target))
        data = b"..."
        with suppress(ConnectionError):
            while data:
                data = await source.read(65536)
                travelling.put_nowait((self._loop.time() + self._seconds, data))
        await arriving

    async def _arrive(
        self, travelling: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter
    ) -> None:
        """In order; nothing at all is the end of one direction."""
        while True:
            due, data = await travelling.get()
            await asyncio.sleep(due - self._loop.time())
            with suppress(ConnectionError, OSError):
                if not data:
                    return target.write_eof()
                target.write(data)
