"""Signing what was composed, with the keys a claim wrote on the delivery."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from sysmail.account import signing_key
from sysmail.mime import SigningKey, Unsafe, signed
from sysmail.notifications.shape import read_shape
from sysmail.outbox import CannotCompose, Claimed, Outcome, Prepared, Priority
from sysmail.vault import CannotOpen, Vault

Prepare = Callable[[Session, Sequence[Claimed]], list[Outcome]]


class Signing:
    """`prepare`, and a DKIM signature for each key of a mail's shape. Keys are loaded once."""

    def __init__(self, prepare: Prepare, vault: Vault) -> None:
        self._prepare = prepare
        self._vault = vault
        self._keys: dict[int, SigningKey] = {}

    def __call__(self, session: Session, claims: Sequence[Claimed]) -> list[Outcome]:
        made = self._prepare(session, claims)
        return [
            self._sign(session, claim, outcome) for claim, outcome in zip(claims, made, strict=True)
        ]

    def _sign(self, session: Session, claim: Claimed, made: Outcome) -> Outcome:
        ids = read_shape(claim.shape).dkim
        if not ids or not isinstance(made, Prepared):
            return made
        try:
            return Prepared(signed(made.built, [self._key(session, key_id) for key_id in ids]))
        except CannotOpen:
            detail = "the DKIM key that signs it cannot be opened"
            return CannotCompose(detail, for_now=claim.priority >= Priority.NOTIFICATION)
        except Unsafe as refused:
            return CannotCompose(str(refused))

    def _key(self, session: Session, key_id: int) -> SigningKey:
        if key_id not in self._keys:
            self._keys[key_id] = signing_key(session, self._vault, key_id)
        return self._keys[key_id]
