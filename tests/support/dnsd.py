"""A scripted DNS server on UDP loopback, for direct delivery and domain checks.

    with ScriptedDns() as dns:
        dns.add("example.test", "MX", "10 mx.example.test.")
        dns.add("mx.example.test", "A", "127.0.0.1")
        Resolver(dns.nameserver)

A name that was never added does not exist; one without the asked type has no such record.
"""

from __future__ import annotations

import socket
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

_STOP = b"stop"
_TTL = 60


class ScriptedDns:
    def __init__(self) -> None:
        self._records: dict[str, dict[str, list[str]]] = {}
        self._failures: dict[str, str] = {}
        self._queries: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> ScriptedDns:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(_STOP, self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    @property
    def nameserver(self) -> str:
        """For SYSMAIL_RESOLVER: "ip:port"."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    @property
    def queries(self) -> list[tuple[str, str]]:
        """(name, type) in the order asked."""
        with self._lock:
            return list(self._queries)

    def add(self, name: str, kind: str, *values: str) -> None:
        with self._lock:
            self._records.setdefault(name, {}).setdefault(kind, []).extend(values)

    def fail(self, name: str, rcode: str = "SERVFAIL") -> None:
        with self._lock:
            self._failures[name] = rcode

    def silence(self, name: str) -> None:
        """Never answer for this name."""
        self.fail(name, "silence")

    def _run(self) -> None:
        while True:
            packet, peer = self._socket.recvfrom(4096)
            if packet == _STOP:
                return
            answer = self._answer(dns.message.from_wire(packet))
            if answer:
                self._socket.sendto(answer.to_wire(), peer)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        with self._lock:
            self._queries.append((name, kind))
            failure = self._failures.get(name)
            records = self._records.get(name)
        if failure == "silence":
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if failure or records is None:
            answer.set_rcode(dns.rcode.from_text(failure or "NXDOMAIN"))
        elif values := records.get(kind):
            answer.answer.append(dns.rrset.from_text_list(question.name, _TTL, "IN", kind, values))
        return answer
