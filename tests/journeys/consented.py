"""An account with an OAuth log-in and a company's certificate, on the way to its token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update

from sysmail import clock
from sysmail.account import CONSENT_JOB, Account, Authorization, current
from sysmail.jobs import DONE, WAITING, Job
from tests.support import smtp_tls

if TYPE_CHECKING:
    from tests.journeys.furnished import House

_OAUTH: dict[str, Any] = {
    "mail_server": "external",
    "use_smtp_auth": True,
    "login_method": "oauth",
    "oauth_provider": "microsoft",
    "oauth_grant": "authorization_code",
    "tenant": "8d7c9a52-6f1e-4a44-9bb0-27f8a8f4f1d2",
    "client_id": "1f0e8a7c-0f0b-4c5f-8a43-6c2b9d1e7a55",
    "trust_ca": smtp_tls.authority().cert_pem.bytes().decode(),
}
_REFUSED = {
    "outcome": "refused",
    "cause": "authorization_refused",
    "words": "invalid_client: AADSTS7000222: The provided client secret keys are expired.",
}
GRANT = 990_001
REPORTS: dict[str, dict[str, Any]] = {
    "waiting": {},
    "granted": {"outcome": "granted"},
    "refused": _REFUSED,
    "outdated": {"outcome": "outdated"},
}


@contextmanager
def with_oauth(house: House, grant: str = "waiting", **columns: Any) -> Iterator[None]:
    """`grant`: how far the consent, the job GRANT, came."""
    wanted = _OAUTH | {"client_secret_expires_on": clock.now().date() + timedelta(9)} | columns
    with house.session() as session:
        account = current(session)
        before = {name: getattr(account, name) for name in wanted}
        session.execute(update(Account).values(**wanted))
        refusal = {"trouble": _REFUSED["cause"], "words": _REFUSED["words"]}
        trouble = refusal if grant == "refused" else {"words": ""}
        session.add(Authorization(account_id=1, tries=0, **trouble))
        job = Job(
            id=GRANT, kind=CONSENT_JOB, person_id=house.places["alice"], report=REPORTS[grant]
        )
        job.state = WAITING if grant == "waiting" else DONE
        job.created_at = clock.now()
        session.add(job)
    yield
    with house.session() as session:
        session.execute(delete(Authorization))
        session.execute(delete(Job).where(Job.kind == CONSENT_JOB))
        session.execute(update(Account).values(**before))
