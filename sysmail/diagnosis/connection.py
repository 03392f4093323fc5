"""The connection check: eight steps, ten seconds each and thirty in all, and never DATA."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Any

from sysmail import clock
from sysmail.account import NotGranted
from sysmail.config import Config
from sysmail.diagnosis.checked import (
    FAILED,
    OK,
    SKIPPED,
    Address,
    Checked,
    Shown,
    Taken,
    Token,
)
from sysmail.diagnosis.errand import Errand
from sysmail.diagnosis.fetching import fetched
from sysmail.diagnosis.watching import watched
from sysmail.jobs import Handler, Report
from sysmail.smtp import (
    Credentials,
    Deadlines,
    DirectExamination,
    Examination,
    Kind,
    Mode,
    Phase,
    Resolver,
    Step,
    Trouble,
    judge,
    shown,
)

_OF_CERTIFICATES = "certificate_"
_OF_AUTHORIZATION = (Kind.AUTHORIZATION_REFUSED, Kind.AUTHORIZATION_UNREACHABLE)
_LOGGED_IN = (Step.AUTH, Step.SENDER, Step.RECIPIENT)


@dataclass(frozen=True)
class Limits:
    """Seconds a phase may take, all phases together, and a greeting before TLS is suspected."""

    phase: float = 10
    total: float = 30
    silence: float = 5


@dataclass(frozen=True)
class Budget(Deadlines):
    """No phase gets more than what is left of the whole."""

    until: float = field(kw_only=True)

    def of(self, phase: Phase) -> float:
        left = self.until - clock.monotonic()
        return max(0.001, min(super().of(phase), left))


def checker(config: Config, limits: Limits = Limits()) -> Handler:
    """The worker's handler for what `ask_check` asks."""

    def check(values: Mapping[str, Any], report: Report) -> None:
        examine(Errand.of_json(values), config, report, limits)

    return check


def examine(
    errand: Errand,
    config: Config,
    report: Report,
    limits: Limits = Limits(),
) -> Checked:
    """Takes the steps, telling `report` before and after each. Stops at the first failure, and
    where nobody waits any more."""
    found = errand.nothing_yet()
    if errand.endpoint is None:
        found.steps = [Taken(step, SKIPPED) for step in Step]
        found.state = OK
    else:
        _Check(errand, config, report, limits, found).run()
    report.write(found.to_json())
    return found


class _Check:
    def __init__(
        self, errand: Errand, config: Config, report: Report, limits: Limits, found: Checked
    ) -> None:
        self._login = errand.login
        self._config = config
        self._report = report
        self._found = found
        self._deadlines = _deadlines(limits)
        self._talk = _examination(errand, config, self._deadlines)
        found.order = tuple(self._talk.order)

    def run(self) -> None:
        began = clock.monotonic()
        with watched(self._talk, self._report):
            for step in self._talk.order:
                self._take(step)
            self._talk.close()
        if self._found.failure is None:
            self._found.state = OK
        self._found.running = None
        self._found.milliseconds = _since(began)
        self._note()

    def _take(self, step: Step) -> None:
        if self._found.failure or self._leaves_out(step):
            self._found.steps.append(Taken(step, SKIPPED))
            return
        self._found.running = step
        self._note()
        self._report.write(self._found.to_json())
        began = clock.monotonic()
        trouble = self._by_token() if step is Step.AUTH and self._login else self._talk.take(step)
        took = _since(began)
        self._learn()
        if trouble is None:
            self._found.steps.append(Taken(step, OK, took))
        else:
            self._fail(step, trouble, took)

    def _leaves_out(self, step: Step) -> bool:
        if self._login and step in _LOGGED_IN:
            return bool(self._found.login_left)
        return self._talk.skips(step)

    def _by_token(self) -> Trouble | None:
        """Fetches one, then logs in with it."""
        login, began = self._login, clock.monotonic()
        assert login is not None
        if login.left_out:
            return Trouble(Phase.AUTH, Kind(login.left_out), detail=login.words)
        seconds = self._deadlines.of(Phase.AUTH)
        answer = fetched(login, self._config, seconds, self._report.cancelled)
        is_granted = not isinstance(answer, NotGranted)
        self._found.token = Token(login.server, is_granted, _since(began))
        if isinstance(answer, NotGranted):
            return Trouble(Phase.AUTH, answer.kind, detail=answer.words)
        shown_as = Credentials(login.account_name, answer.access_token, is_token=True)
        self._talk.endpoint = replace(self._talk.endpoint, credentials=shown_as)
        return self._talk.take(Step.AUTH)

    def _fail(self, step: Step, trouble: Trouble, took: int) -> None:
        found = self._found
        cause = judge(trouble, Mode(found.mode)).cause
        found.steps.append(Taken(step, FAILED, took, cause))
        found.state = FAILED
        found.starttls_unused = trouble.starttls_unused
        if trouble.reply is not None:
            found.code, found.enhanced = trouble.reply.code, trouble.reply.enhanced
            found.words = trouble.reply.words
        elif trouble.kind in _OF_AUTHORIZATION:
            found.words = trouble.detail
        if cause.startswith(_OF_CERTIFICATES):
            self._look_at_certificate()

    def _learn(self) -> None:
        found, talk = self._found, self._talk
        found.host = talk.endpoint.host
        found.addresses = [
            Address(one.address, one.kind.value if one.kind else "answered", one.milliseconds)
            for one in talk.tried
        ]
        found.extensions = tuple(talk.extensions.offered)
        found.mechanisms = tuple(sorted(talk.extensions.mechanisms))
        if talk.is_open and talk.tls_version and found.certificate is None:
            found.tls = talk.tls_version
            if certificate := talk.certificate:
                found.certificate = Shown.of(certificate)

    def _look_at_certificate(self) -> None:
        """Once more and unverified, only to say what it is; nothing secret goes that way."""
        if self._talk.ip is None:
            return
        chain = shown(ip_address(self._talk.ip), self._talk.endpoint, self._deadlines)
        if chain:
            self._found.certificate = Shown.of(chain[0], with_pem=True)
        if len(chain) > 1:
            self._found.authority = Shown.of(chain[-1], with_pem=True)

    def _note(self) -> None:
        self._found.transcript = self._talk.transcript


def _examination(errand: Errand, config: Config, deadlines: Deadlines) -> Examination:
    endpoint, envelope = errand.endpoint, errand.envelope
    assert endpoint is not None
    if endpoint.mode is Mode.DIRECT:
        return DirectExamination(endpoint, envelope, deadlines, Resolver(config.resolver))
    return Examination(endpoint, envelope, deadlines)


def _deadlines(limits: Limits) -> Budget:
    each = dict.fromkeys(Deadlines.__dataclass_fields__, limits.phase)
    each |= {"silence": limits.silence, "quit": min(2, limits.phase)}
    return Budget(**each, until=clock.monotonic() + limits.total)


def _since(began: float) -> int:
    return round((clock.monotonic() - began) * 1000)
