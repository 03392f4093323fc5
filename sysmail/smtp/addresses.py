"""Which addresses a host name stands for, and which of them may be dialled."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Iterable

import idna

from sysmail.smtp.trouble import Failed, Kind, Phase

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

_LOOPBACK: tuple[Ip, ...] = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
# Services inside a cloud that hand out credentials: AWS, Alibaba, Oracle.
_METADATA = {
    ipaddress.ip_address(text)
    for text in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192")
}
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_BROADCAST = ipaddress.ip_address("255.255.255.255")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
_MISSING = {socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_FAMILY, socket.EAI_ADDRFAMILY}


def addresses(host: str, private: bool, seconds: float = 30) -> tuple[Ip, ...]:
    """The addresses of `host` that may be dialled, in the system's order.

    Raises Failed: dns_missing, dns_failed, not_allowed.
    """
    return allowed(_resolve(ascii_host(host), seconds), private)


def allowed(found: Iterable[Ip], private: bool) -> tuple[Ip, ...]:
    """Those that may be dialled. Raises Failed(not_allowed) when none is left."""
    kept = tuple(ip for ip in dict.fromkeys(found) if may_dial(ip, private))
    if not kept:
        raise Failed(Kind.NOT_ALLOWED, "no address that may be dialled", phase=Phase.RESOLVE)
    return kept


def may_dial(ip: Ip, private: bool) -> bool:
    """Link-local, metadata, multicast and unspecified never; the rest if public or `private`."""
    inner = unwrapped(ip)
    if inner in _METADATA or inner == _BROADCAST or (inner.version == 4 and inner in _THIS_NETWORK):
        return False
    if inner.is_link_local or inner.is_multicast or inner.is_unspecified:
        return False
    return private or inner.is_global


def unwrapped(ip: Ip) -> Ip:
    """The IPv4 address that an IPv6 address leads to (mapped, 6to4, NAT64, compatible), or it."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    embedded = ip.ipv4_mapped or ip.sixtofour
    if embedded is None and ip in _NAT64:
        embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if embedded is None and ip in _COMPATIBLE and int(ip) > 1:
        embedded = ipaddress.IPv4Address(int(ip))
    return embedded or ip


def is_loopback_host(host: str) -> bool:
    """Whether the name means this machine by definition (RFC 6761, section 6.3), without asking."""
    name = bare(host).lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    ip = literal(name)
    return ip is not None and unwrapped(ip).is_loopback


def is_never_found(host: str) -> bool:
    """Names under .invalid do not exist (RFC 6761, section 6.4)."""
    name = bare(host).lower()
    return name == "invalid" or name.endswith(".invalid")


def literal(host: str) -> Ip | None:
    """The address, if the host is written as one."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def bare(host: str) -> str:
    """Without the brackets of a literal and without the root's dot."""
    return host.strip().removeprefix("[").removesuffix("]").removesuffix(".")


def ascii_host(host: str) -> str:
    """The name in its ASCII form. Raises Failed(dns_missing) for what cannot be a name."""
    name = bare(host)
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise Failed(Kind.DNS_MISSING, "no valid host name", phase=Phase.RESOLVE) from None


def _resolve(name: str, seconds: float) -> tuple[Ip, ...]:
    ip = literal(name)
    if ip is not None:
        return (ip,)
    if is_loopback_host(name):
        return _LOOPBACK
    if not name or is_never_found(name):
        raise Failed(Kind.DNS_MISSING, "the name does not exist", phase=Phase.RESOLVE)
    return _ask_system(name, seconds)


def _ask_system(name: str, seconds: float) -> tuple[Ip, ...]:
    """getaddrinfo cannot be bounded, so it runs in a thread that may be left behind."""
    answers: queue.SimpleQueue[tuple[Ip, ...] | Failed] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_look_up(name)), daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise Failed(Kind.DNS_FAILED, "no answer in time", phase=Phase.RESOLVE) from None
    if isinstance(answer, Failed):
        raise answer
    return answer


def _look_up(name: str) -> tuple[Ip, ...] | Failed:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        kind = Kind.DNS_MISSING if error.errno in _MISSING else Kind.DNS_FAILED
        return Failed(kind, "look-up failed", phase=Phase.RESOLVE)
    except (UnicodeError, ValueError):
        return Failed(Kind.DNS_MISSING, "no valid host name", phase=Phase.RESOLVE)
    except OSError:
        return Failed(Kind.DNS_FAILED, "look-up failed", phase=Phase.RESOLVE)
    return tuple(ipaddress.ip_address(sockaddr[0]) for *_, sockaddr in found)
