"""Trying all addresses of a host at once, to tell of each what it answers."""

import errno
import selectors
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass

from sysmail.smtp.addresses import Ip
from sysmail.smtp.dialing import interleaved
from sysmail.smtp.trouble import Kind

# Of each family; a name with more addresses is a farm, and all of it need not be knocked at.
_MOST = 4
# How long the others are still waited for once one address has answered.
_COMPANY_SECONDS = 1.0
_REFUSED = {errno.ECONNREFUSED, errno.ECONNRESET}


@dataclass(frozen=True)
class Tried:
    """One address. `kind` None: it answered; timeout: nothing came within the time."""

    address: str
    kind: Kind | None
    milliseconds: int


def survey(
    ips: Iterable[Ip], port: int, seconds: float
) -> tuple[socket.socket | None, tuple[Tried, ...]]:
    """The first connection to come about, if any, and what became of every address tried."""
    survey = _Survey(port, time.monotonic() + seconds)
    for ip in _some(ips):
        survey.begin(ip)
    try:
        survey.wait()
    finally:
        survey.end()
    return survey.first, tuple(survey.tried)


def worst(tried: Iterable[Tried]) -> Kind:
    """Of addresses none of which answered, the trouble that tells most."""
    kinds = {one.kind for one in tried}
    return next(kind for kind in (Kind.REFUSED, Kind.TIMEOUT, Kind.UNREACHABLE) if kind in kinds)


def _some(ips: Iterable[Ip]) -> list[Ip]:
    found = list(ips)
    kept = [ip for family in (4, 6) for ip in [o for o in found if o.version == family][:_MOST]]
    return interleaved([ip for ip in found if ip in kept])


class _Survey:
    def __init__(self, port: int, until: float) -> None:
        self._port = port
        self._until = until
        self._began = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self.first: socket.socket | None = None
        self.tried: list[Tried] = []

    def begin(self, ip: Ip) -> None:
        family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
        try:
            runner = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            self._note(str(ip), errno.ENETUNREACH)
            return
        runner.setblocking(False)
        status = runner.connect_ex((str(ip), self._port))
        if status in (0, errno.EINPROGRESS):
            self._selector.register(runner, selectors.EVENT_WRITE, str(ip))
        else:
            runner.close()
            self._note(str(ip), status)

    def wait(self) -> None:
        while self._selector.get_map():
            events = self._selector.select(max(0.0, self._until - time.monotonic()))
            if not events:
                return
            for key, _ in events:
                self._settle(key)

    def end(self) -> None:
        """Who has not answered by now is given up."""
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
            self._note(key.data, errno.ETIMEDOUT)
        self._selector.close()

    def _settle(self, key: selectors.SelectorKey) -> None:
        runner = key.fileobj
        assert isinstance(runner, socket.socket)
        self._selector.unregister(runner)
        status = runner.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._note(key.data, status)
        if status == 0 and self.first is None:
            self.first = runner
            self._until = min(self._until, time.monotonic() + _COMPANY_SECONDS)
        else:
            runner.close()

    def _note(self, address: str, status: int) -> None:
        milliseconds = round((time.monotonic() - self._began) * 1000)
        self.tried.append(Tried(address, _kind(status), milliseconds))


def _kind(status: int) -> Kind | None:
    if status == 0:
        return None
    if status in _REFUSED:
        return Kind.REFUSED
    return Kind.TIMEOUT if status == errno.ETIMEDOUT else Kind.UNREACHABLE
