"""Whatever a server refuses, and wherever it hangs up: each mail ends as it must, and once."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sysmail.smtp import Accepted, Trouble
from tests.support.smtp_script import Accept, Action, Close
from tests.support.smtp_streams import Outcome, carry, mail, pipelining
from tests.support.smtpd import ScriptedSmtp

_REFUSAL = st.sampled_from(["450 4.2.0 later", "550 5.7.1 never"])
_CLOSES = st.sampled_from([Close(), Close("421 4.3.2 closing")])


def _mostly(*rare: st.SearchStrategy[Action]) -> st.SearchStrategy[Action | None]:
    return st.one_of(st.none(), st.none(), *rare)


@dataclass
class Plan:
    """What the server does at each phase of one mail, once; None is the honest thing."""

    mail: Action | None
    rcpt: Action | None
    data: Action | None
    dot: Action | None


_PLANS = st.builds(
    Plan,
    mail=_mostly(_REFUSAL, _CLOSES),
    rcpt=_mostly(_REFUSAL, _CLOSES, st.just("250 2.1.5 whoever")),
    data=_mostly(_REFUSAL, _CLOSES, st.just("354 go on whatever")),
    dot=_mostly(_REFUSAL, _CLOSES, st.just(Accept(Close()))),
)


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["batches", "in turn"])
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(plans=st.lists(_PLANS, min_size=1, max_size=6))
def test_every_mail_has_one_right_outcome_and_the_ledger_agrees(
    extensions: tuple[str, ...], plans: list[Plan]
) -> None:
    with pipelining() as server:
        server.options.extensions = extensions
        _play(server, plans)
        carried = carry(server, [mail(n) for n in range(len(plans))])
        accepted = [it.raw for it in server.ledger]
    for number, plan in enumerate(plans):
        outcome = carried.outcomes[f"to{number}@example.com"]
        copies = accepted.count(mail(number).data)
        assert copies == _copies(plan, outcome), (number, outcome)
        _assert_first_refusal_counts(plan, outcome)
    assert set(accepted) <= {mail(n).data for n in range(len(plans))}
    assert carried.again <= sum(_is_broken(plan) for plan in plans)


def _copies(plan: Plan, outcome: Outcome) -> int:
    """One where it was accepted; where nobody knows, what the server did; else none."""
    if isinstance(outcome, Accepted):
        return 1
    uncertain = outcome.phase == "dot" and outcome.reply is None
    return int(uncertain and isinstance(plan.dot, Accept))


def _assert_first_refusal_counts(plan: Plan, outcome: Outcome) -> None:
    """A server that hangs up at MAIL costs the first mail of a connection its try; another one
    is carried again."""
    if isinstance(plan.mail, Close) and isinstance(outcome, Trouble) and outcome.phase == "mail":
        return
    for phase in ("mail", "rcpt", "data", "dot"):
        action = getattr(plan, phase)
        if isinstance(action, str) and action[0] in "45":
            assert isinstance(outcome, Trouble)
            assert (outcome.phase.value, str(outcome.reply)) == (phase, action)
            return
        if isinstance(action, Close | Accept) and phase != "mail":
            assert isinstance(outcome, Trouble)
            assert outcome.phase.value == phase
            return
    assert isinstance(outcome, Accepted)


def _is_broken(plan: Plan) -> bool:
    return any(isinstance(getattr(plan, it.name), Close | Accept | str) for it in fields(plan))


def _play(server: ScriptedSmtp, plans: list[Plan]) -> None:
    """MAIL tells whose turn it is, since DATA does not name its mail."""
    turn = [-1]

    def is_turn(number: int) -> bool:
        return turn[0] == number

    def notes(argument: str) -> bool:
        turn[0] = int(argument.partition("FROM:<from")[2].partition("@")[0])
        return False

    for number, plan in enumerate(plans):
        for phase in ("mail", "rcpt", "data", "dot"):
            action = getattr(plan, phase)
            if action is not None:
                here = lambda _, number=number: is_turn(number)  # noqa: E731
                server.script(phase, action, when=here, times=1)
    server.script("mail", "250 never said", when=notes)
