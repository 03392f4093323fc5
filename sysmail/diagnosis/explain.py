"""From a cause to plain words: what happened, who must act, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from sysmail.diagnosis import accepting, reaching, securing
from sysmail.diagnosis.rule import Rule, Who
from sysmail.words import _, lazy

_RULES = {**reaching.RULES, **securing.RULES, **accepting.RULES}
_UNKNOWN = Rule(
    lazy("No rule matched: the mail did not go, for a reason that Sysmail does not know yet."),
    Who.ADMINISTRATOR,
    lazy("Read the server's own words, or show them to your mail provider."),
)
_WORDS_SHOWN = 300


@dataclass(frozen=True)
class Explanation:
    """Sentences in the reader's language; `is_known` is False where no rule matched."""

    happened: str
    who: str
    todo: str
    is_known: bool = True


def explain(
    cause: str | None, *, host: str = "", address: str = "", words: str = "", mode: str = "external"
) -> Explanation:
    """What a cause means to someone who never set up a mail server.

    `host` is the server spoken to, `address` the recipient, `words` the server's text made
    safe (quoted only where no rule matched), `mode` external, relay or direct.
    """
    rule = _RULES.get(cause or "", _UNKNOWN)
    if mode == "direct" and rule.direct:
        rule = rule.direct
    places = _places(host, address, mode)
    todo = rule.todo % places
    if rule is _UNKNOWN and words:
        todo = f"{todo} “{words[:_WORDS_SHOWN]}”"
    return Explanation(rule.happened % places, str(rule.who.value), todo, rule is not _UNKNOWN)


def _places(host: str, address: str, mode: str) -> dict[str, str]:
    return {
        "server": _server(host, mode),
        "host": host or _("the mail server"),
        "address": address or _("of the recipient"),
        "domain": address.rpartition("@")[2] or _("the recipient's domain"),
    }


def _server(host: str, mode: str) -> str:
    name = _("The recipient's mail server") if mode == "direct" else _("The mail server")
    return f"{name} {host}" if host else name
