"""What is refused, what is kept, and what hostile text cannot do."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sysmail import portal
from sysmail.db import db
from sysmail.events import Event
from sysmail.people import Person
from sysmail.portal import App, Comment, Record
from tests.support.page import Page


@pytest.fixture
def acme(session: Session, bob: Person) -> Record:
    app = portal.add_app(session, bob, "Leads")
    record = portal.add_record(session, bob, app, "ACME", "Due in May.").thing
    session.commit()
    return record


def _url(record: Record) -> str:
    return f"/apps/{record.app_id}/records/{record.id}"


def _count(session: Session, model: type[App] | type[Record] | type[Comment]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("  ", "Give the app a name."),
        ("\u200b\u2066", "Give the app a name."),
        ("x" * 101, "Use at most 100 characters."),
        ("a\0b", "This text holds a NUL character."),
    ],
)
def test_a_wrong_name_is_refused_and_kept(
    app: Flask, session: Session, bob: Person, name: str, message: str
) -> None:
    page = Page(app).sign_in(bob).get("/")
    page.submit("name", name=name, members="bob@example.com", status=422)
    assert message in page.one("#name-error").text
    assert page.one("textarea").text == "bob@example.com"
    assert _count(session, App) == 0


def test_members_nobody_knows_are_refused_by_name(
    app: Flask, session: Session, bob: Person
) -> None:
    page = Page(app).sign_in(bob).get("/")
    page.submit("name", name="Leads", members="bob@example.com, x@y.z a b c", status=422)
    said = page.one("#members-error").text
    assert said == "Nobody here has these addresses: x@y.z, a, b and 1 more."
    assert page.one("#name")["value"] == "Leads"
    assert _count(session, App) == 0


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"title": "", "body": "kept"}, {"title": "Give the record a title."}),
        ({"title": "x" * 201}, {"title": "Use at most 200 characters."}),
        (
            {"title": "", "body": "x" * 100_001},
            {"title": "Give the record a title.", "body": "Use at most 100000 characters."},
        ),
    ],
)
def test_a_wrong_record_is_refused_with_one_message_per_field(
    app: Flask,
    session: Session,
    bob: Person,
    acme: Record,
    fields: dict[str, str],
    errors: dict[str, str],
) -> None:
    page = Page(app).sign_in(bob).get(f"/apps/{acme.app_id}")
    page.submit("title", status=422, **fields)
    shown = {e["id"].removesuffix("-error"): e.text for e in page.select(".field-error")}
    assert shown == errors
    assert page.one("textarea").text == fields.get("body", "")
    assert _count(session, Record) == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_an_empty_comment_is_refused_in_its_place(
    app: Flask, session: Session, bob: Person, acme: Record, htmx: bool
) -> None:
    page = Page(app, htmx).sign_in(bob).get(_url(acme))
    page.submit("text", text=" \n", status=422)
    assert page.one("#text-error").text == "Write something first."
    assert "autofocus" in page.one("#error-summary")
    assert _count(session, Comment) == 0


def test_a_comment_of_dots_and_lone_carriage_returns_is_kept_as_typed(
    app: Flask, session: Session, bob: Person, acme: Record
) -> None:
    typed = ".\n..\r.\r\r\n\n.\t  end  "
    page = Page(app).sign_in(bob).get(_url(acme))
    page.submit("text", text=typed)
    kept = ".\n..\r.\r\n\n.\t  end  "
    assert session.scalars(select(Comment.text)).one() == kept
    event = session.scalars(select(Event).where(Event.kind == "comment_posted")).one()
    assert event.snapshot["text"] == kept


def test_hostile_text_is_only_ever_text(
    app: Flask, session: Session, bob: Person, acme: Record
) -> None:
    hostile = "<script>alert(1)</script>&amp;{{ 7*7 }}\"'><img src=x onerror=y>"
    bob.name = hostile[:50]
    session.commit()
    page = Page(app).sign_in(bob).get("/")
    page.submit("name", name=hostile)
    page.submit("title", title=hostile, body=hostile)
    page.submit("text", text=hostile + " @[person:1] @[text:1]")
    assert page.title == hostile
    assert page.one("article .user-text").text == hostile
    assert page.one("#comment-1 .user-text").text == hostile + " @[person:1] @[text:1]"
    page.click(f"{page.url}/revision")
    assert page.one("#title")["value"] == hostile


@pytest.mark.parametrize(
    ("path", "lands_on"),
    [
        ("/apps?endpoint=x&_scheme=y&before=9", "/?before=9"),
        ("/apps/1/records?app_id=7", "/apps/1"),
        ("/apps/1/records/1/comments?after=3", "/apps/1/records/1?after=3"),
    ],
)
def test_the_address_of_a_form_that_came_back_opens_its_page(
    app: Flask, bob: Person, acme: Record, path: str, lands_on: str
) -> None:
    assert Page(app).sign_in(bob).get(path).url == lands_on


def test_an_id_no_database_can_hold_is_nothing(app: Flask, bob: Person) -> None:
    Page(app).sign_in(bob).get(f"/apps/{2**63}", status=404).get(f"/apps/{2**63 - 1}", status=404)


def test_the_signed_out_are_led_to_sign_in(app: Flask, acme: Record) -> None:
    for path in ("/", "/apps/1", "/apps/1/records/1", "/apps/1/settings"):
        response = Page(app).send("GET", path)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/login?next=")


def test_a_comment_on_a_record_deleted_meanwhile_finds_nothing(
    app: Flask, session: Session, bob: Person, acme: Record
) -> None:
    page = Page(app).sign_in(bob).get(_url(acme))

    def delete_first(*_rest: object) -> None:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM record")

    with app.app_context():
        sqlalchemy_event.listen(Session, "before_flush", delete_first, once=True)
        page.submit("text", text="Too late", status=404)
    assert _count(session, Comment) == 0
