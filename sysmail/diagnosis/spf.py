"""SPF as a receiver would judge it (RFC 7208), and how much it would have to ask."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TypeVar

from sysmail.diagnosis.lookup import Ip, Lookup, Unanswered
from sysmail.diagnosis.spf_terms import Asker, Malformed, Term, expand, is_spf, parse

T = TypeVar("T")

MOST_LOOKUPS = 10  # Section 4.6.4, as are the next two.
MOST_VOID = 2
MOST_NAMES = 10

PASS, FAIL, SOFTFAIL, NEUTRAL = "pass", "fail", "softfail", "neutral"
NONE, PERMERROR, TEMPERROR = "none", "permerror", "temperror"
_RESULTS = {"+": PASS, "-": FAIL, "~": SOFTFAIL, "?": NEUTRAL}
_SURVEYED = 50


@dataclass(frozen=True)
class Verdict:
    """`term` decided; `trouble` is a permerror's reason: syntax, several, none_included, lookups,
    void, names; `about` its term or domain."""

    result: str
    term: str = ""
    trouble: str = ""
    about: str = ""


@dataclass
class Survey:
    """The whole tree of a record: `lookups` a receiver needs when nothing matches earlier, and
    the domains whose records it leads to."""

    lookups: int = 0
    domains: list[str] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)


class _Permanent(Exception):
    def __init__(self, trouble: str, about: str) -> None:
        super().__init__(trouble)
        self.trouble, self.about = trouble, about


def check(lookup: Lookup, domain: str, asker: Asker) -> Verdict:
    """check_host (section 4) for one address."""
    try:
        return _Check(lookup, asker).host(domain)
    except _Permanent as found:
        return Verdict(PERMERROR, trouble=found.trouble, about=found.about)
    except Unanswered as silent:
        return Verdict(TEMPERROR, about=silent.name)


def survey(lookup: Lookup, domain: str) -> Survey:
    """Counts and reads everything a record leads to, whatever matches. Raises Unanswered."""
    seen = [domain]
    found = Survey(domains=seen)
    for name in seen:
        try:
            terms = _terms(lookup, name)
        except _Permanent as wrong:
            found.troubles.append((wrong.trouble, wrong.about))
            continue
        if terms is None and name != domain:
            found.troubles.append(("none_included", name))
        for term in (term for term in terms or () if term.asks):
            found.lookups += 1
            if _leads_on(term) and term.target not in seen and len(seen) < _SURVEYED:
                seen.append(term.target)
    return found


def records(lookup: Lookup, domain: str) -> list[str]:
    """The domain's SPF records; exactly one is right. Raises Unanswered."""
    return sorted(text for text in lookup.texts(domain) if is_spf(text))


def _leads_on(term: Term) -> bool:
    return term.name in ("include", "redirect") and "%" not in term.target


def _terms(lookup: Lookup, domain: str) -> list[Term] | None:
    found = records(lookup, domain)
    if len(found) > 1:
        raise _Permanent("several", domain)
    try:
        return parse(found[0]) if found else None
    except Malformed as wrong:
        raise _Permanent("syntax", str(wrong)) from None


class _Check:
    """One evaluation; its counters run over all records it visits."""

    def __init__(self, lookup: Lookup, asker: Asker) -> None:
        self._lookup = lookup
        self._asker = asker
        self._asked = 0
        self._void = 0

    def host(self, domain: str) -> Verdict:
        terms = _terms(self._lookup, domain)
        if terms is None:
            return Verdict(NONE)
        for term in terms:
            if term.name == "redirect":
                return self._redirected(term, domain)
            if self._matches(term, domain):
                return Verdict(_RESULTS[term.qualifier], term.text)
        return Verdict(NEUTRAL)

    def _redirected(self, term: Term, domain: str) -> Verdict:
        self._count(term)
        verdict = self.host(expand(term.target, domain, self._asker))
        if verdict.result == NONE:
            raise _Permanent("none_included", term.text)
        return verdict

    def _matches(self, term: Term, domain: str) -> bool:
        ip = self._asker.ip
        if term.network is not None:
            return ip.version == term.network.version and ip in term.network
        if term.name == "all":
            return True
        self._count(term)
        target = expand(term.target, domain, self._asker) if term.target else domain
        if term.name == "include":
            return self._includes(term, target)
        if term.name == "exists":
            return bool(self._seen(self._lookup.addresses(target, (4,))))
        if term.name == "ptr":
            return self._is_named(target)
        hosts = [target] if term.name == "a" else self._mail_hosts(target)
        length = term.lengths[0 if ip.version == 4 else 1]
        network = ipaddress.ip_network(f"{ip}/{length}", strict=False)
        return any(address in network for host in hosts for address in self._addresses(host))

    def _includes(self, term: Term, target: str) -> bool:
        inner = self.host(target)
        if inner.result == NONE:
            raise _Permanent("none_included", term.text)
        return inner.result == PASS

    def _addresses(self, host: str) -> list[Ip]:
        return self._seen(self._lookup.addresses(host, (self._asker.ip.version,)))

    def _mail_hosts(self, target: str) -> list[str]:
        hosts = [host for host in self._seen(self._lookup.mail_hosts(target)) if host]
        if len(hosts) > MOST_NAMES:
            raise _Permanent("names", target)
        return hosts

    def _is_named(self, target: str) -> bool:
        """Section 5.5: a reverse name that leads back, and lies under the target."""
        for name in self._seen(self._lookup.names(self._asker.ip))[:MOST_NAMES]:
            under = name == target or name.endswith(f".{target}")
            if under and self._asker.ip in self._addresses(name):
                return True
        return False

    def _count(self, term: Term) -> None:
        self._asked += 1
        if self._asked > MOST_LOOKUPS:
            raise _Permanent("lookups", term.text)

    def _seen(self, answers: list[T]) -> list[T]:
        """Counts answers without anything in them."""
        self._void += not answers
        if self._void > MOST_VOID:
            raise _Permanent("void", self._asker.sender)
        return answers
