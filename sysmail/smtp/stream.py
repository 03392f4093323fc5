"""A socket read and written under total deadlines, with a bounded buffer."""

import select
import socket
import ssl
import time
from contextlib import suppress

from sysmail.smtp.replies import MAX_BYTES, MAX_LINES, NotAReply, Reply, assemble, parse_line
from sysmail.smtp.trouble import Failed, Kind

_CHUNK = 16 * 1024
_WATCH_SECONDS = 0.2
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Deadline:
    """A point on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, more than 0. Raises Failed(timeout) when there are none."""
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise Failed(Kind.TIMEOUT)
        return seconds


class Stream:
    """One connection, in the clear or under TLS. Raises Failed: timeout, lost, not_smtp."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.buffer = bytearray()
        self._ended = False

    def read_reply(self, deadline: Deadline) -> Reply:
        """One reply of at most 64 KiB and 100 lines, the same code on each (RFC 5321, 4.2.1)."""
        lines: list[str] = []
        room = MAX_BYTES
        first_code = 0
        while len(lines) < MAX_LINES:
            line = self._read_line(deadline, room)
            room -= len(line)
            try:
                code, is_last, text = parse_line(line.rstrip(b"\r\n"))
            except NotAReply:
                raise Failed(Kind.NOT_SMTP, "not a reply") from None
            if code != (first_code or code):
                raise Failed(Kind.NOT_SMTP, "codes of one reply differ")
            first_code = code
            lines.append(text)
            if is_last:
                return assemble(code, lines)
        raise Failed(Kind.NOT_SMTP, "too many lines")

    def write(self, data: bytes, deadline: Deadline, watch: bool = False) -> None:
        """Hand all of `data` to the system; when this returns, all of it left us, else the last
        byte certainly did not. With `watch`, something to read ends it early: Failed(lost)."""
        view = memoryview(data)
        while view:
            chunk = view[:_CHUNK]
            try:
                self._patience(min(deadline.left(), _WATCH_SECONDS) if watch else deadline.left())
                view = view[self.connection.send(chunk) :]
            except TimeoutError:
                deadline.left()
                if watch and self.has_input():
                    raise Failed(Kind.LOST, "the server spoke inside the content") from None
            except OSError:
                raise Failed(Kind.LOST, "connection lost while writing") from None

    def has_input(self) -> bool:
        """Whether something, be it the end, can be read at once. Consumes TLS tickets, not text."""
        if self.buffer or self._ended:
            return True
        try:
            self._patience(0)
            self._keep(self.connection.recv(_CHUNK))
        except _WOULD_BLOCK:
            return False
        except OSError:
            self._ended = True
        return True

    def first_bytes(self, deadline: Deadline) -> bytes:
        """The first one or two bytes to come, left in place."""
        if not self.buffer:
            self._receive(deadline)
        return bytes(self.buffer[:2])

    def waits_for_input(self, seconds: float) -> bool:
        """Whether something came within the time; for a connection that is not under TLS."""
        if self.has_input():
            return True
        poll = select.poll()
        poll.register(self.connection, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def interrupt(self) -> None:
        """Wake a thread that reads or writes, without giving up the descriptor it uses.

        SSLSocket.shutdown would first forget its TLS: what another thread sends meanwhile
        would leave in the clear.
        """
        with suppress(OSError):
            socket.socket.shutdown(self.connection, socket.SHUT_RDWR)

    def close(self) -> None:
        self.connection.close()

    def _read_line(self, deadline: Deadline, room: int) -> bytes:
        searched = 0
        while (end := self.buffer.find(b"\n", searched)) < 0:
            searched = len(self.buffer)
            if searched > room:
                raise Failed(Kind.NOT_SMTP, "too long")
            self._receive(deadline)
        if end > room:
            raise Failed(Kind.NOT_SMTP, "too long")
        line = bytes(self.buffer[: end + 1])
        del self.buffer[: end + 1]
        return line

    def _receive(self, deadline: Deadline) -> None:
        if self._ended:
            raise Failed(Kind.LOST, "connection ended by the server")
        try:
            self._patience(deadline.left())
            self._keep(self.connection.recv(_CHUNK))
        except TimeoutError:
            deadline.left()
            raise Failed(Kind.LOST, "connection timed out") from None
        except OSError:
            raise Failed(Kind.LOST, "connection reset") from None

    def _keep(self, chunk: bytes) -> None:
        self.buffer += chunk
        self._ended = not chunk

    def _patience(self, seconds: float) -> None:
        self.connection.settimeout(seconds)
