"""A small application on the real frame: a few routes that show what the kit does."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, abort, flash, request
from flask.typing import ResponseReturnValue
from flask_security import Security, SQLAlchemyUserDatastore
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from sysmail import db as database
from sysmail.db import db
from sysmail.people import Person, Role, new_person
from sysmail.web import kit

ROOT = Path(__file__).resolve().parents[2]


def _choices(*values: str) -> list[SelectChoice]:
    return [SelectChoice(value=value, label=value.title()) for value in values]


class AccountForm(FlaskForm):  # type: ignore[misc]
    server = RadioField("Mail server", choices=_choices("builtin", "external"))
    address = StringField("E-mail address", [DataRequired("Enter an address.")])
    encryption = RadioField("Encryption", choices=_choices("plain", "ssl"))
    auth = BooleanField("Use SMTP AUTH")
    password = PasswordField("Password")
    zone = SelectField("Zone", choices=_choices("a", "b"))


def make_mini(folder: Path) -> Flask:
    """An application of the kit alone, with Flask-Security and its own SQLite file."""
    app = Flask(
        "sysmail", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.update(
        SECRET_KEY="mini",
        SECURITY_PASSWORD_SALT="mini",
        SECURITY_CHANGEABLE=True,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        TESTING=True,
    )
    database.init_app(app, f"sqlite:///{folder / 'mini.db'}")
    kit.init_app(app)
    Security(app, SQLAlchemyUserDatastore(db, Person, Role))
    app.jinja_loader.searchpath.append(str(Path(__file__).parent / "templates"))
    _routes(app)
    with app.app_context():
        db.metadata.create_all(db.engine, tables=[Person.__table__])
    return app


def add_person(name: str, administrator: bool = False) -> Person:
    """A person in the database of the current application."""
    person = new_person(f"{name.lower()}@example.com", name, administrator)
    db.session.add(person)
    db.session.commit()
    return person


def _routes(app: Flask) -> None:
    @app.get("/", endpoint="portal.home")
    @app.get("/open")
    @kit.public
    def open_page() -> ResponseReturnValue:
        return kit.render_page("open.html", name=request.args.get("name", "<you>"))

    @app.get("/mine")
    @kit.signed_in
    def mine() -> ResponseReturnValue:
        return kit.render_page("open.html", name="mine")

    @app.get("/admin/")
    @kit.administrator
    def admin() -> ResponseReturnValue:
        return kit.render_page("open.html", name="admin")

    @app.get("/admin/fresh")
    @kit.fresh_administrator(minutes=30)
    def fresh() -> ResponseReturnValue:
        return kit.render_page("open.html", name="fresh")

    @app.get("/account")
    @kit.signed_in
    def account() -> ResponseReturnValue:
        return kit.render_page("account.html", "main", form=AccountForm())

    @app.post("/account")
    @kit.signed_in
    def save_account() -> ResponseReturnValue:
        form = AccountForm()
        if not form.validate():
            return kit.render_page("account.html", "main", form=form, status=422)
        flash(f"Saved {form.address.data}.", "success")
        return kit.see_other("open_page", name=form.address.data)

    @app.get("/fail/<int:code>")
    @kit.public
    def fail(code: int) -> ResponseReturnValue:
        if code == 500:
            app.config["PROPAGATE_EXCEPTIONS"] = False
            raise RuntimeError("the words of a fault stay in the log")
        abort(code)
