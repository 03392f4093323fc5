"""A socket read and written under total deadlines, with a bounded buffer."""

import errno
import select
import socket
import ssl
import struct
import time
from contextlib import suppress

from sysmail.smtp import replies, tickets
from sysmail.smtp.replies import MAX_BYTES, MAX_LINES, NotAReply, Reply
from sysmail.smtp.trouble import Failed, Kind

CHUNK = 16 * 1024
# The longest that one call waits; a deadline further away takes several.
_TICK = 0.2
_SHORT_LINE = 512
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Deadline:
    """A point on the monotonic clock."""

    __slots__ = ("_at",)

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, more than 0. Raises Failed(timeout) when there are none."""
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise Failed(Kind.TIMEOUT)
        return seconds


class Stream:
    """One connection, in the clear or under TLS. Raises Failed: timeout, lost, not_smtp.

    `written`: octets handed to the system so far; what is not counted never reached the server
    whole.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.buffer = bytearray()
        self.written = 0
        self._ended = False
        self._secured = isinstance(connection, ssl.SSLSocket)
        self._wait = 0.0
        if not self._secured:
            connection.settimeout(None)

    def ready_reply(self) -> Reply | None:
        """A short reply of one line that was read already."""
        end = self.buffer.find(b"\n", 0, _SHORT_LINE) + 1
        if not end or self.buffer[3:4] == b"-":
            return None
        line = bytes(self.buffer[:end])
        del self.buffer[:end]
        try:
            return replies.of_one_line(line.rstrip(b"\r\n"))
        except NotAReply:
            raise Failed(Kind.NOT_SMTP, "not a reply") from None

    def read_reply(self, deadline: Deadline) -> Reply:
        """One reply of at most 64 KiB and 100 lines, the same code on each (RFC 5321, 4.2.1)."""
        if not self.buffer:
            self._receive(deadline)
        ready = self.ready_reply()
        if ready is not None:
            return ready
        lines: list[str] = []
        room = MAX_BYTES
        first_code = 0
        while len(lines) < MAX_LINES:
            line = self._read_line(deadline, room)
            room -= len(line)
            try:
                code, is_last, text = replies.parse_line(line.rstrip(b"\r\n"))
            except NotAReply:
                raise Failed(Kind.NOT_SMTP, "not a reply") from None
            if code != (first_code or code):
                raise Failed(Kind.NOT_SMTP, "codes of one reply differ")
            first_code = code
            lines.append(text)
            if is_last:
                return replies.assemble(code, lines)
        raise Failed(Kind.NOT_SMTP, "too many lines")

    def write(self, data: bytes, deadline: Deadline, watch: bool = False) -> None:
        """Hand all of `data` to the system. With `watch`, something to read ends it early:
        Failed(lost)."""
        rest: bytes | memoryview = data if len(data) <= CHUNK else memoryview(data)
        while rest:
            self._patience(deadline.left())
            try:
                sent = self.connection.send(rest[:CHUNK])
            except OSError as error:
                if not _is_tick(error):
                    raise Failed(Kind.LOST, "connection lost while writing") from None
                if watch and self.has_input():
                    raise Failed(Kind.LOST, "the server spoke inside the content") from None
                continue
            self.written += sent
            rest = rest[sent:]

    def has_input(self) -> bool:
        """Whether something, be it the end, can be read at once. Consumes TLS tickets, not text."""
        if self.buffer or self._ended:
            return True
        try:
            self._keep(self._receive_now())
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
        if isinstance(self.connection, ssl.SSLSocket):
            tickets.keep(self.connection)
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
        while True:
            self._patience(deadline.left())
            try:
                return self._keep(self.connection.recv(CHUNK))
            except OSError as error:
                if not _is_tick(error):
                    raise Failed(Kind.LOST, "connection reset or timed out") from None

    def _receive_now(self) -> bytes:
        if not self._secured:
            return self.connection.recv(CHUNK, socket.MSG_DONTWAIT)
        self._wait = 0.0
        self.connection.settimeout(0)
        return self.connection.recv(CHUNK)

    def _keep(self, chunk: bytes) -> None:
        self.buffer += chunk
        self._ended = not chunk

    def _patience(self, seconds: float) -> None:
        """Bounds the next call by the tick or less. In the clear the system does it, since
        Python's own timeouts cost a poll before each call."""
        wait = min(seconds, _TICK)
        if wait == self._wait:
            return
        self._wait = wait
        if self._secured:
            self.connection.settimeout(wait)
            return
        # All noughts would mean for ever.
        bound = struct.pack("ll", 0, max(1, int(wait * 1_000_000)))
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bound)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, bound)


def _is_tick(error: OSError) -> bool:
    """Whether the call only waited long enough; the system's own ETIMEDOUT means a dead peer."""
    if isinstance(error, TimeoutError):
        return error.errno != errno.ETIMEDOUT
    return isinstance(error, BlockingIOError)
