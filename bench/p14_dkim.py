"""P14: an RSA signature of ours beside one by dkimpy, with the same key over the same mail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from bench.content import content
from bench.row import Bar, Row, figure, ratios
from bench.scale import Scale
from bench.sink import Missing
from sysmail.mime import ED25519, RSA, SigningKey, load_key, make_key, sign

_DOMAIN = "portal.example.com"
_OURS = 1_000
_THEIRS = 50


def rows(scale: Scale) -> Iterator[Row]:
    """CPU a signature. Each of our mails has a header of its own and the body of all others, as
    an event's mails do; dkimpy takes as long for either."""
    pem, _public = make_key(RSA)
    ours = load_key(_DOMAIN, "bench", pem)
    edwards = load_key(_DOMAIN, "bench", make_key(ED25519)[0])
    theirs = _dkimpy(pem)
    mails = [_to(number) for number in range(_OURS)]
    measured: list[tuple[float, float]] = []
    for _round in range(scale.rounds):
        fast = _each(mails, lambda data: _signed(data, ours))
        measured.append((_each(mails[:_THEIRS], theirs), fast))
    curve = _each(mails, lambda data: _signed(data, edwards))
    slow, fast = measured[-1]
    notes = [
        f"CPU a signature, last round: RSA {figure(fast)} µs, dkimpy {figure(slow)} µs; "
        f"Ed25519 {figure(curve)} µs"
    ]
    values = ratios([slow for slow, _fast in measured], [fast for _slow, fast in measured])
    yield Row("P14", "DKIM by RSA vs dkimpy", values, Bar(15, 20), notes)


def _to(number: int) -> bytes:
    return content().data.replace(b"To: ", b'To: "%d" ' % number, 1)


def _signed(data: bytes, key: SigningKey) -> None:
    sign(data, (key,))


def _dkimpy(pem: str) -> Callable[[bytes], None]:
    try:
        import dkim
    except ImportError:
        raise Missing("dkimpy is missing: make test installs it") from None
    relaxed = (b"relaxed", b"relaxed")

    def signed(data: bytes) -> None:
        dkim.sign(data, b"bench", _DOMAIN.encode(), pem.encode(), canonicalize=relaxed)

    return signed


def _each(mails: list[bytes], work: Callable[[bytes], None]) -> float:
    """Microseconds of CPU for each."""
    began = time.process_time()
    for data in mails:
        work(data)
    return (time.process_time() - began) / len(mails) * 1e6
