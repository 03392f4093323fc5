"""From what was seen to what it means: class, scope and cause, by the table in `table.py`."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sysmail.smtp.endpoint import Mode
from sysmail.smtp.row import Klass, Row, Scope
from sysmail.smtp.table import TABLE
from sysmail.smtp.trouble import Accepted, Kind, Phase, Trouble

CAUSES = tuple(dict.fromkeys(row.cause for row in TABLE))

_BEFORE_MAIL = frozenset(Phase) - {
    Phase.MAIL,
    Phase.RCPT,
    Phase.DATA,
    Phase.DOT,
    Phase.QUIT,
    Phase.LOCAL,
}


@dataclass(frozen=True)
class Verdict:
    """`alone`: what counts until a second recipient domain gave the same account cause.
    `everywhere`: in direct mode, what counts once three unrelated domains gave the same one.
    `tries` (0: by the schedule) within `spread` are made before it counts as permanent."""

    klass: Klass
    scope: Scope
    cause: str
    alone: "Verdict | None" = None
    tries: int = 0
    spread: timedelta | None = None
    everywhere: "Verdict | None" = None

    @property
    def needs_two_domains(self) -> bool:
        return self.alone is not None


def judge(outcome: Accepted | Trouble, mode: Mode) -> Verdict:
    """The first row of the table that fits, read for the mode."""
    if isinstance(outcome, Accepted):
        return Verdict(Klass.SENT, Scope.MESSAGE, "")
    row = next(row for row in TABLE if row.fits(outcome))
    verdict = Verdict(row.klass, row.scope, row.cause, tries=row.tries, spread=row.spread)
    if row.scope is Scope.ACCOUNT_BEFORE_MAIL:
        verdict = _by_phase(verdict, outcome.phase)
    if mode is Mode.DIRECT:
        return verdict if row.in_direct_too else _in_direct(verdict, outcome)
    return _with_company(verdict, row, outcome.phase)


def _by_phase(verdict: Verdict, phase: Phase) -> Verdict:
    """Before MAIL of account scope, where permanent means to pause; then of message scope."""
    if phase not in _BEFORE_MAIL:
        return replace(verdict, scope=Scope.MESSAGE)
    klass = Klass.CONFIG if verdict.klass is Klass.PERMANENT else verdict.klass
    return replace(verdict, klass=klass, scope=Scope.ACCOUNT)


def _in_direct(verdict: Verdict, trouble: Trouble) -> Verdict:
    """Nothing a recipient's server says reaches beyond its domain."""
    if verdict.scope is not Scope.ACCOUNT:
        return verdict
    verdict = replace(verdict, everywhere=_if_everywhere(verdict, trouble))
    if verdict.klass is Klass.TRANSIENT or trouble.phase in _BEFORE_MAIL:
        return replace(verdict, klass=Klass.TRANSIENT, scope=Scope.DOMAIN)
    is_final = trouble.reply is not None and trouble.reply.code >= 500
    klass = Klass.PERMANENT if is_final else Klass.TRANSIENT
    return replace(verdict, klass=klass, scope=Scope.MESSAGE)


def _if_everywhere(verdict: Verdict, trouble: Trouble) -> Verdict | None:
    """What unrelated servers say of us must be ours; where none can be reached, port 25 is shut."""
    if trouble.phase is Phase.CONNECT and trouble.kind is Kind.TIMEOUT:
        return judge(Trouble(Phase.CONNECT, Kind.PORT_25_BLOCKED), Mode.DIRECT)
    is_theirs = trouble.phase not in (Phase.RESOLVE, Phase.LOCAL)
    return verdict if verdict.klass is Klass.CONFIG and is_theirs else None


def _with_company(verdict: Verdict, row: Row, phase: Phase) -> Verdict:
    """An account cause at RCPT or after the dot needs two recipient domains before it pauses."""
    if verdict.klass is not Klass.CONFIG or phase not in (Phase.RCPT, Phase.DOT):
        return verdict
    alone = replace(verdict, klass=row.alone, scope=Scope.MESSAGE)
    return replace(verdict, alone=alone)
