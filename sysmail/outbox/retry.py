"""When a delivery goes again. Pure: a verdict and a few facts in, the next state out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sysmail.account import DICE, Dice, jittered
from sysmail.config import Config
from sysmail.outbox.delivery import Delivery, Priority, State
from sysmail.smtp import Klass, Scope, Verdict

_SUMMARY_LIFE = timedelta(hours=48)


@dataclass(frozen=True)
class Step:
    """The next state, when it is due, and whether the try counts."""

    state: State
    due_at: datetime
    charged: bool = False


def next_step(
    delivery: Delivery,
    verdict: Verdict,
    config: Config,
    now: datetime,
    hint: timedelta | None = None,
    dice: Dice = DICE,
) -> Step:
    """DELIVERY's three behaviours for one delivery; `hint` is the server's "try again in"."""
    if verdict.klass is Klass.SENT:
        return Step(State.SENT, now)
    if verdict.klass is Klass.UNCERTAIN:
        return Step(State.UNCERTAIN, now + config.uncertain_wait)
    if delivery.kind == "test" or verdict.klass is Klass.PERMANENT:
        return Step(State.FAILED, now, charged=True)
    if verdict.scope is not Scope.MESSAGE:
        return Step(State.QUEUED, now)
    wait = hint or _wait(delivery, verdict, config, dice)
    if _is_over(delivery, verdict, config, now + wait):
        return Step(State.FAILED, now, charged=True)
    return Step(State.QUEUED, now + wait, charged=True)


def _wait(delivery: Delivery, verdict: Verdict, config: Config, dice: Dice) -> timedelta:
    if verdict.spread is not None:
        return verdict.spread / verdict.tries
    return jittered(config.retry_schedule, delivery.tries, dice)


def _is_over(delivery: Delivery, verdict: Verdict, config: Config, due: datetime) -> bool:
    if verdict.tries and delivery.tries + 1 >= verdict.tries:
        return True
    if delivery.expires_at is not None:
        return due > delivery.expires_at
    longest = config.give_up_after
    if delivery.priority == Priority.SUMMARY:
        longest = min(longest, _SUMMARY_LIFE)
    return _waited(config, delivery.tries + 1) > longest


def _waited(config: Config, tries: int) -> timedelta:
    """The time this message itself has waited: what the account was paused does not count."""
    waits = config.retry_schedule
    total = sum(waits[:tries], timedelta()) + waits[-1] * max(0, tries - len(waits))
    return max(total, timedelta(seconds=tries))
