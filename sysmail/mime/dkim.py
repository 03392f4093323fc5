"""DKIM signatures over finished mails (RFC 6376; Ed25519: RFC 8463), and the keys that make them.

Signatures hold no clock, and both algorithms are deterministic: the same mail, the same bytes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from re import compile as pattern

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from sysmail.mime.guard import SIGNATURE, guard_head
from sysmail.mime.headers import folded
from sysmail.mime.message import Built

RSA = "rsa"
ED25519 = "ed25519"
RSA_BITS = 2048

_OVERSIGNED = ("from", "subject")
_PIECE = 60
_BLANKS = pattern(rb"[ \t]+")
_PADDING = PKCS1v15()
_HASH = SHA256()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, loaded, and where its public half stands in the DNS: `domain` (A-labels)
    and `selector`. `algorithm` is rsa or ed25519."""

    domain: str
    selector: str
    algorithm: str
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False, compare=False)

    def signature(self, octets: bytes) -> str:
        """Base64. Ed25519 signs the hash, not the text (RFC 8463 section 3)."""
        if isinstance(self.private, RSAPrivateKey):
            return b64encode(self.private.sign(octets, _PADDING, _HASH)).decode()
        return b64encode(self.private.sign(sha256(octets).digest())).decode()


def make_key(algorithm: str) -> tuple[str, str]:
    """A new key: the private half as PEM (PKCS 8), the public one as a record's p= has it."""
    private: RSAPrivateKey | Ed25519PrivateKey
    if algorithm == RSA:
        private = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    else:
        private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode(), _public(private)


def load_key(domain: str, selector: str, pem: str) -> SigningKey:
    """The key of a PEM text. Raises ValueError for another kind of key."""
    private = load_pem_private_key(pem.encode(), None)
    if isinstance(private, RSAPrivateKey):
        return SigningKey(domain, selector, RSA, private)
    if isinstance(private, Ed25519PrivateKey):
        return SigningKey(domain, selector, ED25519, private)
    raise ValueError("neither RSA nor Ed25519")


def key_record(algorithm: str, public: str) -> str:
    """The TXT record of a key (RFC 6376 section 3.6.1), to stand at selector._domainkey.domain."""
    return f"v=DKIM1; k={algorithm}; p={public}"


def signed(built: Built, keys: Sequence[SigningKey]) -> Built:
    """The mail with one signature a key; without keys the same."""
    if not keys:
        return built
    data = sign(built.data, keys)
    return replace(built, data=data, sha256=sha256(data).hexdigest())


def sign(data: bytes, keys: Sequence[SigningKey]) -> bytes:
    """The message with a DKIM-Signature field for each key in front.

    Every field is signed; From and Subject are named once more than they stand, so that nobody
    can add another (RFC 6376 section 8.15). Raises `Unsafe` when a signature is no clean field.
    """
    if not keys:
        return data
    head, _, body = data.partition(b"\r\n\r\n")
    names, fields = _relaxed(head)
    body_hash = _body_hash(body)
    own = "\r\n".join(_field(key, names, body_hash, fields) for key in keys).encode()
    guard_head(own, (SIGNATURE,) * len(keys))
    return b"%s\r\n%s" % (own, data)


def _field(key: SigningKey, names: tuple[str, ...], body_hash: str, fields: bytes) -> str:
    wire, relaxed = _unsigned(key, names, body_hash)
    made = key.signature(fields + relaxed)
    # The first line already holds " b=".
    pieces = [made[start : start + _PIECE] for start in range(0, len(made), _PIECE)]
    return wire + "\r\n ".join(pieces)


@lru_cache(maxsize=256)
def _unsigned(key: SigningKey, names: tuple[str, ...], body_hash: str) -> tuple[str, bytes]:
    """The field up to `b=`, folded as it goes over the wire, and relaxed as it is signed."""
    tags = [
        "v=1;",
        f"a={key.algorithm}-sha256;",
        "c=relaxed/relaxed;",
        f"d={key.domain};",
        f"s={key.selector};",
        *_named(names),
        f"bh={body_hash};",
    ]
    wire = folded(SIGNATURE, tags) + "\r\n b="
    return wire, f"{SIGNATURE.lower()}:{' '.join(tags)} b=".encode()


def _named(names: tuple[str, ...]) -> list[str]:
    """The tag h= in pieces between which a line may break (RFC 6376 section 3.5)."""
    pieces = ["h="]
    for name in (*names, *_OVERSIGNED):
        if len(pieces[-1]) + len(name) > _PIECE:
            pieces.append("")
        pieces[-1] += f"{name}:"
    return [*pieces[:-1], f"{pieces[-1].removesuffix(':')};"]


def _relaxed(head: bytes) -> tuple[tuple[str, ...], bytes]:
    """Names and canonical fields (RFC 6376 section 3.4.2). Every name stands once."""
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    split = [line.partition(b":") for line in unfolded.split(b"\r\n")]
    names = [name.lower() for name, _, _ in split]
    values = [b" ".join(value.split()) for _, _, value in split]
    fields = b"".join(b"%s:%s\r\n" % pair for pair in zip(names, values, strict=True))
    return tuple(name.decode("ascii") for name in names), fields


@lru_cache(maxsize=64)
def _body_hash(body: bytes) -> str:
    """Of the relaxed body (RFC 6376 section 3.4.4); what one event tells is hashed once."""
    relaxed = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return b64encode(sha256(relaxed + b"\r\n" if relaxed else b"").digest()).decode()


def _public(private: RSAPrivateKey | Ed25519PrivateKey) -> str:
    """RSA as SubjectPublicKeyInfo, Ed25519 as its 32 octets (RFC 8463 section 4)."""
    if isinstance(private, RSAPrivateKey):
        encoding, form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    else:
        encoding, form = Encoding.Raw, PublicFormat.Raw
    return b64encode(private.public_key().public_bytes(encoding, form)).decode()
