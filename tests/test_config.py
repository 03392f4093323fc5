"""Configuration: each wrong value is named, files stand in for values, names are guessed well."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sysmail.config import ConfigError, load
from tests.support.instance import make_app


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIND", "nowhere"),
        ("BIND", "127.0.0.1:99999"),
        ("PUBLIC_URL", "portal.example.com"),
        ("PUBLIC_URL", "ftp://portal.example.com"),
        ("BUILTIN", "carrier-pigeon"),
        ("BUILTIN", "relay://no-port"),
        ("BUILTIN", "relay://"),
        ("BUILTIN", "relay://mail.example.com:0"),
        ("RESOLVER", "dns.example.com:53"),
        ("MX_PORT", "0"),
        ("MX_PRIVATE", "maybe"),
        ("CA_FILE", "/nowhere/ca.pem"),
        ("PROXY_HOPS", "-1"),
        ("DELIVERY_CONNECTIONS", "many"),
        ("RETRY_SCHEDULE", "1m,soon"),
        ("GIVE_UP_AFTER", "5 days"),
        ("UNCERTAIN_TRIES", "x"),
        ("LEASE_SECONDS", "29"),
        ("RATELIMIT_ENABLED", "yes"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("METRICS_TOKEN", "two\nlines"),
        ("BUILTIN_ADDRESS", "a@b\r\nBcc: c@d"),
        ("BUILTIN_ADDRESS", "nobody"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"SYSMAIL_{name}"):
        load({f"SYSMAIL_{name}": value})


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file\n")
    assert load({"SYSMAIL_SECRET_KEY_FILE": str(file)}).secret_key == "from the file"
    both = {"SYSMAIL_SECRET_KEY_FILE": str(file), "SYSMAIL_SECRET_KEY": "from the environment"}
    assert load(both).secret_key == "from the environment"


def test_a_file_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ConfigError, match="SYSMAIL_SECRET_KEY_FILE"):
        load({"SYSMAIL_SECRET_KEY_FILE": "/nowhere/at/all"})


def test_a_postgresql_address_gets_the_driver_we_ship() -> None:
    url = load({"SYSMAIL_DATABASE_URL": "postgresql://u@h/db"}).database_url
    assert url == "postgresql+psycopg://u@h/db"


def test_the_builtin_sender_is_the_public_name() -> None:
    config = load({"SYSMAIL_PUBLIC_URL": "https://portal.example.com/"})
    assert config.public_url == "https://portal.example.com"
    assert config.builtin_address == "no-reply@portal.example.com"
    assert config.helo_name == "portal.example.com"
    assert config.is_https


def test_an_international_public_name_is_written_as_mail_needs_it() -> None:
    config = load({"SYSMAIL_PUBLIC_URL": "https://pörtal.example:8443"})
    assert config.public_url == "https://xn--prtal-jua.example:8443"


def test_durations_know_seconds_minutes_hours_and_days() -> None:
    config = load({"SYSMAIL_RETRY_SCHEDULE": "2s,1m,1h,1d"})
    seconds = [wait.total_seconds() for wait in config.retry_schedule]
    assert seconds == [2, 60, 3600, 86400]
    assert config.give_up_after == timedelta(days=5)


def test_a_relay_has_a_host_and_a_port() -> None:
    assert load({"SYSMAIL_BUILTIN": "relay://[::1]:2525"}).builtin_relay == ("::1", 2525)


def test_the_metrics_token_is_none_unless_given() -> None:
    assert load({}).metrics_token is None
    assert load({"SYSMAIL_METRICS_TOKEN": "s3cret"}).metrics_token == "s3cret"


def test_a_counter_store_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SYSMAIL_RATELIMIT_STORAGE"):
        make_app(tmp_path, RATELIMIT_ENABLED="1", RATELIMIT_STORAGE="carrier://pigeon")
