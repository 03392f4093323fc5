"""Connecting to the first of several addresses that answers (RFC 8305, Happy Eyeballs)."""

import errno
import selectors
import socket
from collections.abc import Iterable
from itertools import chain, zip_longest

from sysmail.smtp.addresses import Ip, addresses
from sysmail.smtp.stream import Deadline
from sysmail.smtp.trouble import Failed, Kind, Phase, Trouble

# RFC 8305, section 5: the recommended Connection Attempt Delay.
_NEXT_AFTER = 0.25
# A server that lost its power and came back knows nothing of the connection, and says so only when
# it is asked; the wait for an answer to the dot is ten times as long. Seconds, seconds, questions.
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 30, "TCP_KEEPCNT": 8}
_REFUSED = {errno.ECONNREFUSED, errno.ECONNRESET}


def dial(ips: Iterable[Ip], port: int, seconds: float) -> socket.socket:
    """A connected socket to one of `ips`, within `seconds` over all of them.

    Raises Failed at phase connect: refused, timeout, unreachable.
    """
    deadline = Deadline(seconds)
    waiting = interleaved(ips)
    race = _Race(port)
    try:
        while waiting or race.is_running():
            if waiting:
                race.start(waiting.pop(0))
            winner = race.winner(min(_NEXT_AFTER, deadline.left()) if waiting else deadline.left())
            if winner:
                return _tuned(winner)
    except Failed:
        race.errors.add(errno.ETIMEDOUT)
    finally:
        race.end()
    raise Failed(race.verdict(), phase=Phase.CONNECT)


def reach(host: str, port: int, private: bool, seconds: float) -> socket.socket | Trouble:
    """A connection for other protocols than SMTP, under the same rules on what may be dialled."""
    try:
        return dial(addresses(host, private, seconds), port, seconds)
    except Failed as failed:
        return failed.trouble(Phase.RESOLVE)


def interleaved(ips: Iterable[Ip]) -> list[Ip]:
    """Families in turn, beginning with that of the first address (RFC 8305, section 4)."""
    found = list(ips)
    first = [ip for ip in found if ip.version == found[0].version]
    other = [ip for ip in found if ip.version != found[0].version]
    return [ip for ip in chain(*zip_longest(first, other)) if ip is not None]


class _Race:
    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self.errors: set[int] = set()

    def is_running(self) -> bool:
        return bool(self._selector.get_map())

    def start(self, ip: Ip) -> None:
        family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
        try:
            runner = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            self.errors.add(error.errno or errno.ENETUNREACH)
            return
        runner.setblocking(False)
        status = runner.connect_ex((str(ip), self._port))
        if status in (0, errno.EINPROGRESS):
            self._selector.register(runner, selectors.EVENT_WRITE)
        else:
            self.errors.add(status)
            runner.close()

    def winner(self, seconds: float) -> socket.socket | None:
        if not self.is_running():
            return None
        for key, _events in self._selector.select(seconds):
            runner = key.fileobj
            assert isinstance(runner, socket.socket)
            self._selector.unregister(runner)
            status = runner.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if status == 0:
                return runner
            self.errors.add(status)
            runner.close()
        return None

    def verdict(self) -> Kind:
        """A server that answers "no" tells most, then one that is silent."""
        if self.errors & _REFUSED:
            return Kind.REFUSED
        return Kind.TIMEOUT if errno.ETIMEDOUT in self.errors else Kind.UNREACHABLE

    def end(self) -> None:
        for key in list(self._selector.get_map().values()):
            runner = key.fileobj
            assert isinstance(runner, socket.socket)
            runner.close()
        self._selector.close()


def _tuned(connection: socket.socket) -> socket.socket:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if option := getattr(socket, name, None):
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
    return connection
