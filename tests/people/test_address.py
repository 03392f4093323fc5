"""Addresses of people: one form each, intranets included, one message per fault."""

from __future__ import annotations

import pytest

from sysmail.people import BadAddress, normalise_address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Alice@Example.COM ", "alice@example.com"),
        ("x@corp.internal", "x@corp.internal"),
        ("x@files.local", "x@files.local"),
        ("x@home.lan", "x@home.lan"),
        ("x@a.test", "x@a.test"),
        ("x@localhost", "x@localhost"),
        ("x@corp", "x@corp"),
        ("x@example.com.", "x@example.com"),
        ("jo@BÜCHER.example", "jo@bücher.example"),
        ("jo@xn--bcher-kva.example", "jo@bücher.example"),
        ("jö@bücher.example", "jö@bücher.example"),
        ("first.last+tag@example.com", "first.last+tag@example.com"),
    ],
)
def test_every_spelling_of_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert normalise_address(typed) == kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter an e-mail address"),
        ("   ", "Enter an e-mail address"),
        ("alice", "looks like name@example.com"),
        ("@example.com", "looks like name@example.com"),
        ("alice@", "looks like name@example.com"),
        ("a b@example.com", "characters that an address cannot have"),
        ("a,b@example.com", "characters that an address cannot have"),
        ("a@b@example.com", "characters that an address cannot have"),
        ('"a b"@example.com', "characters that an address cannot have"),
        ("a%b@example.com", "characters that an address cannot have"),
        ("-option@example.com", "characters that an address cannot have"),
        ("a..b@example.com", "characters that an address cannot have"),
        ("a@example..com", "not the name of a domain"),
        ("a@exa mple.com", "not the name of a domain"),
        ("a@example.com\r\nBcc: b", "not the name of a domain"),
        ("a@127.0.0.1", "not the name of a domain"),
        ("a@[127.0.0.1]", "not the name of a domain"),
        ("a" * 65 + "@example.com", "at most 64"),
        ("a@" + ".".join(["b" * 60] * 5), "too long"),
    ],
)
def test_a_fault_is_named_in_one_sentence(typed: str, words: str) -> None:
    with pytest.raises(BadAddress, match=words) as refusal:
        normalise_address(typed)
    assert str(refusal.value).endswith(".")
