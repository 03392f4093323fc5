"""P15: a kept TLS connection beside one for each mail."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.content import content
from bench.far import far
from bench.row import Bar, Row, figure, ratios
from bench.scale import Scale
from bench.sink import sink
from sysmail.smtp import Accepted, Encryption, Endpoint, Mail, Session
from tests.support import smtp_tls

_KEPT = 1_000
_EACH = 100


def rows(scale: Scale) -> Iterator[Row]:
    """CPU of the sending side alone, our own session on both sides of the comparison; over the kept
    connection mail follows mail as the courier's do."""
    kept: list[float] = []
    each: list[float] = []
    with sink() as there, tempfile.TemporaryDirectory(prefix="sysmail-tls-") as folder:
        certificate = Path(folder) / "server.pem"
        made = smtp_tls.authority().issue_cert(*smtp_tls.NAMES)
        made.private_key_and_cert_chain_pem.write_to_path(certificate)
        with far(there.port, 0, str(certificate)) as port:
            endpoint = Endpoint("localhost", port, Encryption.SSL, ca_file=smtp_tls.ca_file())
            _send(endpoint, 1)
            for _ in range(scale.rounds):
                kept.append(_send(endpoint, _KEPT))
                each.append(sum(_send(endpoint, 1) for _ in range(_EACH)) / _EACH)
    notes = [f"CPU a mail, last round: {figure(kept[-1])} µs kept, {figure(each[-1])} µs each"]
    yield Row("P15", "kept TLS vs a connection a mail", ratios(each, kept), Bar(10, 18), notes)


def _send(endpoint: Endpoint, count: int) -> float:
    """Microseconds of CPU for each of so many mails over one connection, its opening included."""
    data = content().data
    began = time.process_time()
    with Session(endpoint) as session:
        assert session.open() is None
        mails = (
            Mail("a@example.com", f"person{number}@example.com", data) for number in range(count)
        )
        outcomes = [outcome for _mail, outcome in session.stream(lambda: next(mails, None))]
        assert [type(outcome) for outcome in outcomes] == [Accepted] * count
    return (time.process_time() - began) / count * 1e6
