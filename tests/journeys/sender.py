"""DKIM keys, a check of the sender and test mails that arrived, for looking at their pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.orm import Session

from sysmail import clock
from sysmail.account import make_keys, sign_external, start_signing
from sysmail.audit import SYSTEM
from sysmail.diagnosis import SENDER_JOB, DnsLine, Topic
from sysmail.jobs import DONE, WAITING, Job
from sysmail.outbox import Delivery, arrival_token, note_arrival
from sysmail.people import link_key

if TYPE_CHECKING:
    from tests.journeys.furnished import House

DOMAIN = "example.com"


def furnish_sender(house: House, session: Session) -> None:
    """Keys in each state, and a test mail that arrived beside one that only was accepted."""
    vault = house.app.extensions["sysmail.vault"]
    sign_external(session, SYSTEM, True)
    make_keys(session, vault, SYSTEM, DOMAIN)
    start_signing(session, SYSTEM, DOMAIN)
    make_keys(session, vault, SYSTEM, DOMAIN)
    start_signing(session, SYSTEM, DOMAIN)
    house.places["dkim"] = make_keys(session, vault, SYSTEM, DOMAIN)[0].id
    arrived = session.get_one(Delivery, house.places["test_received"])
    note_arrival(session, arrived)
    key = link_key(session, vault)
    house.places["arrived"] = arrival_token(key, arrived.id)
    house.places["arrival"] = arrival_token(key, house.places["test_sent"])
    session.commit()


@contextmanager
def sender_checked(house: House, done: bool = True) -> Iterator[None]:
    """A check with something of everything, or one that waits."""
    with house.session() as session:
        put_sender_check(session, 1, done)
    yield
    with house.session() as session:
        session.execute(delete(Job))


def put_sender_check(session: Session, person_id: int, done: bool = True) -> None:
    now = clock.now()
    job = Job(kind=SENDER_JOB, person_id=person_id, state=WAITING, report={}, created_at=now)
    if done:
        job.state, job.ended_at, job.report = DONE, now, _report()
    session.add(job)
    session.commit()


def _report() -> dict[str, object]:
    spf, dkim, dmarc, mx, reverse = (Topic(n) for n in ("spf", "dkim", "dmarc", "mx", "reverse"))
    spf.ok("There is one SPF record, and it needs 3 of 10 look-ups.")
    spf.problem(
        "Mails from 203.0.113.9 fail SPF, by “-all”: many receivers refuse them.",
        "Publish the line below in place of the record.",
    )
    spf.lines.append(DnsLine(DOMAIN, "v=spf1 include:_spf.provider.example ip4:203.0.113.9 -all"))
    place = f"sysmail-3f9a2c-rsa._domainkey.{DOMAIN}"
    dkim.problem(f"There is no record at {place} yet.", "Add the line below to the DNS.")
    dkim.lines.append(DnsLine(place, f"v=DKIM1; k=rsa; p={'MIIBIjANBgkqhki' * 26}"))
    dmarc.advice(f"{DOMAIN} has no DMARC record.", "Add the line below.")
    dmarc.lines.append(DnsLine(f"_dmarc.{DOMAIN}", "v=DMARC1; p=none"))
    mx.ok(f"Answers reach {DOMAIN} by way of mx1.{DOMAIN}, mx2.{DOMAIN}.")
    reverse.ok(f"203.0.113.9 is called mail.{DOMAIN}, and introduces itself so.")
    about = {"address": f"portal@{DOMAIN}", "mode": "external", "host": "smtp.example.com"}
    return {"about": about, "topics": [asdict(topic) for topic in (spf, dkim, dmarc, mx, reverse)]}
