"""flask backup and flask restore, as they are typed."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from sysmail.people import Person, link_key
from tests.support.instance import make_app
from tests.support.post_office import add_news, add_people


def _flask(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def test_a_backup_names_the_keys_to_copy_too(app: Flask, session: Session, tmp_path: Path) -> None:
    done = _flask(app, "backup", str(tmp_path / "copy"))
    assert done.exit_code == 0, done.output
    assert "The keys are not in it" in done.output
    for name in ("secret-key", "fernet-keys"):
        assert str(tmp_path / "instance" / name) in done.output
    again = _flask(app, "backup", str(tmp_path / "copy"))
    assert (again.exit_code, "exists already" in again.output) == (1, True)


def test_a_restore_says_what_is_held_and_where_to_decide(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    add_people(session, 2)
    add_news(session, alice)
    file = tmp_path / "copy"
    assert _flask(app, "backup", str(file)).exit_code == 0
    done = _flask(app, "restore", str(file))
    assert done.exit_code == 0, done.output
    assert "2 e-mails are held." in done.output
    assert "/admin/system-mail/held" in done.output
    assert "is kept in" in done.output
    assert "fernet-keys" not in done.output


def test_a_restore_onto_a_machine_without_the_keys_says_so(
    app: Flask, session: Session, alice: Person, tmp_path: Path
) -> None:
    file = tmp_path / "copy"
    link_key(session, app.extensions["sysmail.vault"])
    session.commit()
    _flask(app, "backup", str(file))
    elsewhere = make_app(tmp_path / "elsewhere")
    with elsewhere.app_context():
        done = _flask(elsewhere, "restore", str(file))
    assert done.exit_code == 0, done.output
    assert "fernet-keys of that time" in done.output


def test_a_wrong_file_ends_with_one_sentence(app: Flask, session: Session, tmp_path: Path) -> None:
    wrong = tmp_path / "notes.txt"
    wrong.write_text("no database")
    done = _flask(app, "restore", str(wrong))
    assert done.exit_code == 1
    assert done.output == f"Error: {wrong} is not a backup of Sysmail.\n"
