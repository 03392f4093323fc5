"""From a cause to plain words: what happened, who must act, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from sysmail.diagnosis import accepting, reaching, securing
from sysmail.diagnosis.rule import Rule, Who
from sysmail.words import Lazy, _, lazy

_RULES = {**reaching.RULES, **securing.RULES, **accepting.RULES}
_UNKNOWN = Rule(
    lazy("No rule matched: the mail did not go, for a reason that Sysmail does not know yet."),
    Who.ADMINISTRATOR,
    lazy("Read the server's own words, or show them to your mail provider."),
)
_WAITS = lazy("The mail waits and is tried again by itself.")
_ENDED = lazy("It is not tried again by itself; send it again when the trouble has passed.")
_WORDS_SHOWN = 300


@dataclass(frozen=True)
class Explanation:
    """Sentences in the reader's language; `is_known` is False where no rule matched."""

    happened: str
    who: str
    todo: str
    is_known: bool = True


def explain(
    cause: str | None,
    *,
    host: str = "",
    address: str = "",
    words: str = "",
    mode: str = "external",
    will_repeat: bool = True,
) -> Explanation:
    """What a cause means to someone who never set up a mail server.

    `host` is the server spoken to, `address` the recipient, `words` the server's text made
    safe (quoted only where no rule matched), `mode` external, relay or direct.
    `will_repeat` is False once the mail is no longer tried by itself: failed, or a test.
    """
    rule = _RULES.get(cause or "", _UNKNOWN)
    if mode == "direct" and rule.direct:
        rule = rule.direct
    places = _places(host, address, mode)
    todo = [sentence % places for sentence in _todo(rule, will_repeat)]
    if rule is _UNKNOWN and words:
        todo.append(f"“{words[:_WORDS_SHOWN]}”")
    who = _who(rule, will_repeat)
    return Explanation(rule.happened % places, str(who.value), " ".join(todo), rule is not _UNKNOWN)


def _todo(rule: Rule, will_repeat: bool) -> list[Lazy]:
    before = [_WAITS if will_repeat else _ENDED] if rule.passes else []
    return [*before, rule.todo] if rule.todo else before


def _who(rule: Rule, will_repeat: bool) -> Who:
    if rule.who is Who.NOBODY and not will_repeat:
        return Who.ADMINISTRATOR
    return rule.who


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
