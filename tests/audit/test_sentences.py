"""What entries say."""

from __future__ import annotations

from sysmail.audit import ACTIONS, describe, label


def test_every_action_has_a_label_and_a_sentence_even_without_details() -> None:
    for action in ACTIONS:
        assert label(action)
        assert describe(action, {}).endswith(".")


def test_a_change_tells_both_values() -> None:
    details = {
        "name": "Bob",
        "before": {"email": "a@corp", "administrator": False},
        "after": {"email": "b@corp", "administrator": True},
    }
    assert describe("user_changed", details) == (
        "The user Bob was changed. Address: a@corp → b@corp. Administrator: no → yes."
    )


def test_a_password_is_said_to_have_changed_and_never_shown() -> None:
    details = {
        "before": {"smtp_host": ""},
        "after": {"smtp_host": "mail.corp"},
        "password": "changed",
    }
    assert describe("mail_account_changed", details) == (
        "The System Mail Account was changed. Host: (none) → mail.corp. The password was changed."
    )


def test_details_cannot_break_the_sentence() -> None:
    text = describe("user_added", {"name": "100 %(email)s", "email": "x@corp"})
    assert text == "The user 100 %(email)s (x@corp) was added."


def test_an_unknown_action_names_itself() -> None:
    assert describe("moon_landed", {"x": 1}) == "Moon landed."
    assert label("moon_landed") == "moon_landed"
