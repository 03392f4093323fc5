"""From a cause and a server's words to plain words: what happened, who must act, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from sysmail.account import provider_of_host
from sysmail.diagnosis import accepting, reaching, securing, tokens
from sysmail.diagnosis.again import again_after
from sysmail.diagnosis.rule import Rule, Who
from sysmail.diagnosis.traps import trap_of
from sysmail.words import _, lazy

_RULES = {**reaching.RULES, **securing.RULES, **accepting.RULES}
_UNKNOWN = Rule(
    lazy("No rule matched: the mail did not go, for a reason that Sysmail does not know yet."),
    Who.ADMINISTRATOR,
    lazy("Read the server's own words, or show them to your mail provider."),
)
# These causes say no more than that the server said no: only a trap makes sense of its words.
_WITHOUT_REASON = ("refused", "refused_for_now")
_ABOUT_LOGIN = ("login_rejected", "app_password_required", "login_required")
_WORDS_SHOWN = 300


@dataclass(frozen=True)
class Explanation:
    """Sentences in the reader's language, and the rule they come from.

    `todo` is the one text for pages: `act` (what to do, may be empty), where trouble often
    passes after `again` (whether it is tried again by itself). `rule` names the trap or cause.
    `like` is the cause whose remedy fits, None where no setting helps. `is_known` is False
    where no rule matched: the server's own words are all there is.
    """

    happened: str
    who: str
    todo: str
    is_known: bool = True
    act: str = ""
    again: str = ""
    rule: str = ""
    like: str | None = None


def explain(
    cause: str | None,
    *,
    host: str = "",
    address: str = "",
    words: str = "",
    mode: str = "external",
    will_repeat: bool = True,
    code: int | None = None,
    enhanced: str | None = None,
    for_check: bool = False,
    by_token: bool = False,
) -> Explanation:
    """What a cause means to someone who never set up a mail server.

    `host` is the server spoken to, `address` the recipient; `code`, `enhanced` and `words` are
    the server's reply made safe (quoted only where the cause itself is unknown), `mode`
    external, relay or direct. `will_repeat` is False once the mail is no longer tried by
    itself: failed, or a test. `for_check`: no mail is concerned. `by_token`: an OAuth log-in.
    """
    rule, name, like = _rule(cause or "", _said(code, enhanced, words), address, by_token)
    if mode == "direct" and rule.direct:
        rule = rule.direct
    places = _places(host, address, mode)
    act = rule.todo % places if rule.todo else ""
    act = act if by_token else _with_advice(act, name, host)
    again = again_after(rule.passes, will_repeat, for_check)
    todo = [again, act] if rule.passes else [act]
    if rule is _UNKNOWN and words:
        todo.append(f"“{words[:_WORDS_SHOWN]}”")
    return Explanation(
        happened=rule.happened % places,
        who=str(_who(rule, will_repeat and not for_check).value),
        todo=" ".join(part for part in todo if part),
        is_known=rule is not _UNKNOWN and name not in _WITHOUT_REASON,
        act=act,
        again=again,
        rule=name,
        like=like,
    )


def _rule(cause: str, said: str, address: str, by_token: bool) -> tuple[Rule, str, str | None]:
    """The rule, its name, and the cause whose remedy fits."""
    if by_token and cause in tokens.RULES:
        return tokens.RULES[cause], cause, cause
    if trap := trap_of(cause, said, address):
        if by_token and trap.like in tokens.RULES:
            return tokens.RULES[trap.like], trap.like, trap.like
        return trap.rule, trap.name, cause if trap.like == "" else trap.like
    if cause in _RULES:
        return _RULES[cause], cause, cause
    return _UNKNOWN, "", None


def _with_advice(act: str, name: str, host: str) -> str:
    known = provider_of_host(host) if name in _ABOUT_LOGIN else None
    return f"{act} {known.name}: {known.login_advice}" if known else act


def _said(code: int | None, enhanced: str | None, words: str) -> str:
    """A reply in one line; words that begin with the enhanced code already do not repeat it."""
    parts = (str(code or ""), "" if words.startswith(enhanced or " ") else enhanced or "", words)
    return " ".join(part for part in parts if part)


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
