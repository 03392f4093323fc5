"""Where mail goes, said in one value."""

import pytest

from sysmail.smtp import DEFAULT_PORTS, Deadlines, Encryption, Endpoint, Mode, Phase


def test_each_encryption_has_its_usual_port() -> None:
    assert DEFAULT_PORTS == {"plain": 25, "ssl": 465, "starttls": 587}


@pytest.mark.parametrize(
    ("host", "shown"), [("smtp.example.com", "smtp.example.com:587"), ("::1", "[::1]:587")]
)
def test_an_endpoint_describes_itself(host: str, shown: str) -> None:
    assert Endpoint(host, 587).describe() == shown


def test_words_from_a_database_become_choices_and_wrong_ones_are_refused() -> None:
    endpoint = Endpoint("h", 1, encryption="starttls", mode="relay")  # type: ignore[arg-type]
    assert endpoint.encryption is Encryption.STARTTLS
    assert endpoint.mode is Mode.RELAY
    with pytest.raises(ValueError, match="tls"):
        Endpoint("h", 1, encryption="tls")  # type: ignore[arg-type]


def test_deadlines_are_those_of_the_specification() -> None:
    ours, strangers = Deadlines(), Deadlines.direct()
    assert [ours.of(phase) for phase in (Phase.CONNECT, Phase.MAIL, Phase.DATA, Phase.DOT)] == [
        *(30, 60, 120, 600)
    ]
    assert {strangers.greeting, strangers.ehlo, strangers.mail, strangers.rcpt} == {300}
    assert ours.for_body(1_000) == 180
    assert ours.for_body(250_000) == 540
