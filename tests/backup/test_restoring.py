"""Going back to a backup mails nothing by itself, and a wrong file changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from sysmail import clock, outbox
from sysmail.audit import SYSTEM, Entry
from sysmail.backup import BackedUp, Refused, Restored, back_up, restore
from sysmail.db import db
from sysmail.notifications import expand_next, ledger
from sysmail.outbox import Attempt, Delivery, State, Worker
from sysmail.people import Person
from sysmail.portal import App
from tests.support.post_office import (
    add_news,
    add_people,
    assert_balanced,
    deliveries,
    use_server,
    work,
)
from tests.support.smtpd import ScriptedSmtp
from tests.support.summaries import wants_summaries

pytestmark = pytest.mark.both_engines


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp() as server:
        yield server


def _backed_up(tmp_path: Path) -> Path:
    made = back_up(db.engine, tmp_path / "copy")
    assert isinstance(made, BackedUp), made
    return made.file


def _restored(app: Flask, file: Path) -> Restored:
    done = restore(app, file)
    assert isinstance(done, Restored), done
    db.session.remove()
    return done


def test_what_was_queued_then_goes_only_after_its_release(
    app: Flask, session: Session, alice: Person, tmp_path: Path, server: ScriptedSmtp
) -> None:
    add_people(session, 3)
    use_server(app, server)
    add_news(session, alice, "expanded")
    while expand_next(session):
        session.commit()
    add_news(session, alice, "not yet expanded")
    file = _backed_up(tmp_path)
    work(app)
    assert len(server.ledger) == 6
    done = _restored(app, file)
    assert (done.held, done.keys_fit) == (6, True)
    work(app)
    assert len(server.ledger) == 6
    book = ledger(db.session())
    assert (book.queued, book.held, book.events_waiting) == (6, 6, 0)
    assert outbox.release(db.session(), SYSTEM) == 6
    db.session.commit()
    work(app)
    assert len(server.ledger) == 12
    assert_balanced(db.session())


def test_what_waited_in_summaries_becomes_held_mail(
    app: Flask, session: Session, alice: Person, tmp_path: Path, server: ScriptedSmtp
) -> None:
    wants_summaries(session, *add_people(session, 3))
    use_server(app, server)
    add_news(session, alice, "gathered")
    work(app)
    add_news(session, alice, "not yet expanded")
    file = _backed_up(tmp_path)
    done = _restored(app, file)
    assert done.held == 6
    book = ledger(db.session())
    assert (book.waiting, book.queued, book.held) == (0, 6, 6)
    assert_balanced(db.session())
    work(app)
    assert server.ledger == []
    assert outbox.release(db.session(), SYSTEM) == 6
    db.session.commit()
    work(app)
    assert len(server.ledger) == 6
    assert_balanced(db.session())


def test_what_was_sending_or_uncertain_is_held_with_its_doubts(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    add_people(session, 3)
    add_news(session, alice)
    while expand_next(session):
        session.commit()
    _queued, sending, uncertain = deliveries(session)
    sending.state, sending.claim_token, sending.worker_id = State.SENDING, "t", "gone"
    uncertain.doubt(clock.now())
    session.add(
        Attempt(
            delivery_id=uncertain.id, at=clock.now(), outcome="uncertain", scope="message",
            phase="dot", cause="no_answer_after_data",
        )
    )  # fmt: skip
    session.commit()
    file = _backed_up(tmp_path)
    _restored(app, file)
    found = deliveries(db.session())
    assert [(d.state, d.held, d.uncertain_tries) for d in found] == [
        (State.QUEUED, True, 0),
        (State.QUEUED, True, 1),
        (State.QUEUED, True, 1),
    ]
    assert {(d.claim_token, d.worker_id) for d in found} == {(None, None)}
    assert ledger(db.session()).attempts_uncertain == 2
    assert outbox.held_in_doubt(db.session()) == 2
    assert_balanced(db.session())


def test_the_previous_database_is_kept_and_the_restore_is_in_the_audit_log(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    file = _backed_up(tmp_path)
    add_news(session, alice)
    done = _restored(app, file)
    assert db.session.scalars(select(App)).all() == []
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert entry is not None
    assert entry.action == "backup_restored"
    assert done.kept is not None
    assert done.kept.parent == tmp_path / "instance"
    _restored(app, done.kept)
    assert len(db.session.scalars(select(App)).all()) == 1


def test_a_living_worker_is_a_reason_to_refuse(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    file = _backed_up(tmp_path)
    now = clock.now()
    session.add(Worker(id="w", boot_id="b", pid=1, started_at=now, seen_at=now))
    session.commit()
    refused = restore(app, file)
    assert isinstance(refused, Refused)
    assert "A worker is running" in refused.message
    gone = update(Worker).values(seen_at=clock.now() - timedelta(minutes=1))
    db.session.execute(gone)
    db.session.commit()
    assert isinstance(restore(app, file), Restored)


@pytest.mark.parametrize("spoil", ["cut", "foreign", "empty", "missing"])
def test_a_wrong_file_is_refused_in_one_sentence_and_changes_nothing(
    app: Flask, session: Session, alice: Person, tmp_path: Path, spoil: str
) -> None:
    file = _backed_up(tmp_path)
    add_news(session, alice)
    if spoil == "cut":
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
    elif spoil == "missing":
        file.unlink()
    else:
        file.write_bytes(b"not a database at all" if spoil == "foreign" else b"")
    refused = restore(app, file)
    assert isinstance(refused, Refused)
    assert str(file) in refused.message or "Nothing was changed" in refused.message
    assert "\n" not in refused.message
    assert len(session.scalars(select(App)).all()) == 1
    assert not session.scalars(select(Delivery).where(Delivery.held)).all()
    assert not list((tmp_path / "instance").glob(".restore-*"))
