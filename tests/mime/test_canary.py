"""The canary sings only while encoder and guard are whole."""

from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest

from sysmail.mime import Built, Message, Unsafe, build, canary


def standard_library_build(message: Message) -> Built:
    parts = EmailMessage(policy=policy.SMTP)
    parts["Subject"] = message.subject
    parts.set_content(message.text)
    return replace(build(message), data=parts.as_bytes())


def refusing_build(message: Message) -> Built:
    raise Unsafe("Subject", "anything")


def forgetful_build(message: Message) -> Built:
    return build(replace(message, subject="Hello"))


def textless_build(message: Message) -> Built:
    return build(replace(message, html=None))


def test_the_canary_passes_on_this_python() -> None:
    assert canary() is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    "broken", [standard_library_build, refusing_build, forgetful_build, textless_build]
)
def test_a_broken_encoder_stops_the_start(broken) -> None:
    with pytest.raises(RuntimeError, match="The mail encoder"):
        canary(build=broken)


def test_a_blind_guard_stops_the_start() -> None:
    with pytest.raises(RuntimeError, match="The mail guard overlooked"):
        canary(guard=lambda data, expected_names: None)
