"""Logging in (RFC 4954): one mechanism, tried once, credentials in UTF-8."""

import base64
import binascii
import hmac
from collections.abc import Callable

from sysmail.smtp.conversation import Conversation, positive
from sysmail.smtp.endpoint import Credentials
from sysmail.smtp.replies import Reply
from sysmail.smtp.trouble import Failed, Kind

_UNDER_TLS = ("PLAIN", "LOGIN", "CRAM-MD5")
_IN_THE_CLEAR = ("CRAM-MD5", "PLAIN", "LOGIN")
_WITH_TOKEN = ("XOAUTH2",)
_SHORTEST_BLOTTED = 4
_CONTINUE = 334


def choose(offered: set[str], under_tls: bool, has_token: bool = False) -> str:
    """The mechanism to use. Raises Failed: no_auth_offered, no_mechanism."""
    if not offered:
        raise Failed(Kind.NO_AUTH_OFFERED)
    ours = _WITH_TOKEN if has_token else _UNDER_TLS if under_tls else _IN_THE_CLEAR
    for mechanism in ours:
        if mechanism in offered:
            return mechanism
    raise Failed(Kind.NO_MECHANISM)


def log_in(talk: Conversation, credentials: Credentials, mechanism: str) -> None:
    """Raises Failed with the server's reply when it refuses."""
    _check(credentials)
    talk.secrets = _secrets(credentials)
    positive(_MECHANISMS[mechanism](talk, credentials))


def _check(credentials: Credentials) -> None:
    both = credentials.account_name + credentials.password
    # XOAUTH2 separates its parts by Ctrl-A.
    if (
        "\0" in both
        or (credentials.is_token and "\1" in both)
        or any("\ud800" <= char <= "\udfff" for char in both)
    ):
        raise Failed(Kind.UNUSABLE_CREDENTIALS, "credentials that no mechanism can carry")


def _plain(talk: Conversation, credentials: Credentials) -> Reply:
    """RFC 4616."""
    return talk.ask("AUTH PLAIN " + _plain_message(credentials), shown="AUTH PLAIN ***")


def _login(talk: Conversation, credentials: Credentials) -> Reply:
    """draft-murchison-sasl-login: two prompts, whatever they say."""
    reply = talk.ask("AUTH LOGIN")
    for answer in (credentials.account_name, credentials.password):
        if reply.code != _CONTINUE:
            return reply
        reply = talk.ask(_base64(answer), shown="***")
    return reply


def _cram_md5(talk: Conversation, credentials: Credentials) -> Reply:
    """RFC 2195."""
    reply = talk.ask("AUTH CRAM-MD5")
    if reply.code != _CONTINUE:
        return reply
    try:
        challenge = base64.b64decode(reply.text, validate=True)
    except (binascii.Error, ValueError):
        raise Failed(Kind.NOT_SMTP, "challenge is not base64") from None
    digest = hmac.new(credentials.password.encode(), challenge, "md5").hexdigest()
    answer = _base64(f"{credentials.account_name} {digest}")
    talk.secrets += (digest, answer)
    return talk.ask(answer, shown="***")


def _xoauth2(talk: Conversation, credentials: Credentials) -> Reply:
    """Google's and Microsoft's, the forerunner of RFC 7628: where the token is refused, the
    server first tells why in a challenge, which is answered by an empty line."""
    reply = talk.ask("AUTH XOAUTH2 " + _token_message(credentials), shown="AUTH XOAUTH2 ***")
    return talk.ask("") if reply.code == _CONTINUE else reply


_MECHANISMS: dict[str, Callable[[Conversation, Credentials], Reply]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram_md5,
    "XOAUTH2": _xoauth2,
}


def _plain_message(credentials: Credentials) -> str:
    return _base64(f"\0{credentials.account_name}\0{credentials.password}")


def _token_message(credentials: Credentials) -> str:
    return _base64(f"user={credentials.account_name}\1auth=Bearer {credentials.password}\1\1")


def _secrets(credentials: Credentials) -> tuple[str, ...]:
    """What a server could echo; too short a word would blot out innocent text."""
    password = credentials.password
    whole = _token_message(credentials) if credentials.is_token else _plain_message(credentials)
    forms = (whole, _base64(password), password)
    return tuple(form for form in forms if len(form) >= _SHORTEST_BLOTTED)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
