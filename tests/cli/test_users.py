"""flask users: exactly as the contract says."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail.audit import Entry
from sysmail.outbox import Delivery
from sysmail.people import Person, find_person
from sysmail.preferences import Preference
from tests.support.page import Page


def _run(app: Flask, *words: str, typed: str | bytes = "") -> Result:
    return app.test_cli_runner().invoke(args=["users", *words], input=typed)


def _add(app: Flask, email: str, *more: str, typed: str | bytes = "correct horse\n") -> Result:
    return _run(
        app, "add", "--email", email, "--name", "Ann", *more, "--password-stdin", typed=typed
    )


def _can_sign_in(app: Flask, email: str, password: str) -> bool:
    page = Page(app).get("/login")
    form = page.form("password")
    sent = {"csrf_token": form.one('[name="csrf_token"]')["value"]}
    answer = page.send("POST", "/login", data=sent | {"email": email, "password": password})
    return answer.status_code == 302


def test_the_line_end_is_not_part_of_the_password(app: Flask, session: Session) -> None:
    for number, end in enumerate(("", "\n", "\r\n")):
        result = _add(app, f"a{number}@corp", typed=f"  correct horse {end}second line")
        assert (result.exit_code, session.scalar(select(func.count()).select_from(Person))) == (
            0,
            number + 1,
        ), result.output
    for number in (1, 2):
        assert _can_sign_in(app, f"a{number}@corp", "  correct horse ")


def test_add_makes_members_and_administrators_and_sends_no_mail(
    app: Flask, session: Session
) -> None:
    assert _add(app, "Ann@Corp.internal", "--admin").exit_code == 0
    assert _add(app, "bob@localhost").exit_code == 0
    ann, bob = (find_person(session, email) for email in ("ann@corp.internal", "bob@localhost"))
    assert ann is not None
    assert bob is not None
    assert (ann.is_administrator, bob.is_administrator) == (True, False)
    assert session.scalars(select(Delivery)).all() == []


def test_add_says_what_is_wrong_and_ends_with_1(app: Flask, session: Session, bob: Person) -> None:
    for email, typed, words in (
        ("bob@example.com", "correct horse", "already belongs"),
        ("nonsense", "correct horse", "looks like"),
        ("x@corp", "short", "at least 8"),
        ("x@corp", "", "Enter a password"),
        ("x@corp", b"\xff" * 9, "not UTF-8"),
    ):
        result = _add(app, email, typed=typed)
        assert result.exit_code == 1
        assert words in result.output
    assert session.scalars(select(Person)).all() == [bob]


def test_any_printable_name_will_do(app: Flask, session: Session) -> None:
    name = 'Ann "山田" O\'Hara, <x> --admin'
    result = _run(app, "add", "--email", "a@b", "--name", name, "--password-stdin", typed="x" * 9)
    assert result.exit_code == 0
    assert session.scalars(select(Person.name)).all() == [name]


def test_reset_password_sets_it_and_ends_sessions(
    app: Flask, session: Session, alice: Person
) -> None:
    page = Page(app).sign_in(alice).get("/change")
    words = ("reset-password", "--email", " ALICE@example.com", "--password-stdin")
    assert _run(app, *words, typed="battery staple\n").exit_code == 0
    session.expire_all()
    assert page.get("/change").url.startswith("/login")
    assert _can_sign_in(app, alice.email, "battery staple")
    assert _run(app, "reset-password", "--email", "no@corp", "--password-stdin").exit_code == 1


def test_import_adds_invites_and_stores_choices(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("\ufeffemail,name,admin,receive\na@corp,A,yes,all\nb@corp,B,,\n", "utf-8")
    result = _run(app, "import", str(file))
    assert (result.exit_code, result.output) == (0, "2 people are added.\n")
    assert [p.is_administrator for p in session.scalars(select(Person))] == [True, False]
    assert sorted(session.scalars(select(Delivery.address))) == ["a@corp", "b@corp"]
    stored = session.scalars(select(Preference)).one()
    assert (stored.receive, stored.kinds, stored.format) == ("all", 3, "html")
    assert session.scalars(select(Entry.action)).all() == ["users_imported"]
    again = _run(app, "import", str(file))
    assert again.output == "0 people are added.\n2 were there already.\n"


def test_import_without_mail_posts_none(app: Flask, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,name\na@corp,A\n")
    assert _run(app, "import", str(file), "--no-mail").exit_code == 0
    assert session.scalars(select(Delivery)).all() == []


def test_import_of_a_file_with_faults_imports_nothing(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,name\na@corp,A\nnonsense,N\n")
    result = _run(app, "import", str(file))
    assert result.exit_code == 1
    assert "Nothing was imported" in result.output
    assert "Line 3: " in result.output
    file.write_bytes(b"email,name\na@corp,\xff\n")
    assert _run(app, "import", str(file)).exit_code == 1
    assert session.scalars(select(Person)).all() == []
