"""The server's side of AUTH: PLAIN, LOGIN, CRAM-MD5, XOAUTH2."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.smtp_talk import Talk

_BEARER = re.compile(r"user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01")
CHALLENGE = "<1896.697170952@scripted.example>"


class Login:
    def __init__(self, talk: Talk, users: Mapping[str, str]) -> None:
        self._talk = talk
        self._users = users

    async def run(self, argument: str) -> str | None:
        """The account name, when its password was right."""
        mechanism, _, initial = argument.partition(" ")
        try:
            if mechanism.upper() == "PLAIN":
                return await self._plain(initial)
            if mechanism.upper() == "LOGIN":
                return self._known(await self._prompt("Username:"), await self._prompt("Password:"))
            if mechanism.upper() == "XOAUTH2":
                return await self._xoauth2(initial)
            return await self._cram_md5()
        except (binascii.Error, ValueError):
            return None

    async def _plain(self, initial: str) -> str | None:
        message = _decoded(initial) if initial else await self._prompt("")
        _, name, password = message.split("\0")
        return self._known(name, password)

    async def _cram_md5(self) -> str | None:
        name, _, digest = (await self._prompt(CHALLENGE)).rpartition(" ")
        password = self._users.get(name)
        if password is None:
            return None
        wanted = hmac.new(password.encode(), CHALLENGE.encode(), "md5").hexdigest()
        return name if hmac.compare_digest(wanted, digest) else None

    async def _xoauth2(self, initial: str) -> str | None:
        """A refusal is first told in a challenge, which only an empty line answers well."""
        found = _BEARER.fullmatch(_decoded(initial))
        if found and self._talk.options.accepts_token(found[1], found[2]):
            return found[1]
        reason = '{"status":"401","schemes":"bearer","scope":"https://mail.example.com/"}'
        await self._talk.say("334 " + base64.b64encode(reason.encode()).decode())
        answer = await self._talk.line()
        assert answer == "", f"an empty line was due, not {answer!r}"
        return None

    async def _prompt(self, text: str) -> str:
        await self._talk.say("334 " + base64.b64encode(text.encode()).decode())
        return _decoded(await self._talk.line())

    def _known(self, name: str, password: str) -> str | None:
        return name if self._users.get(name) == password else None


def _decoded(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()
