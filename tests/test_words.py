"""Words come in the language of whoever is spoken to, dates and numbers with them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sysmail import words
from sysmail.words import Lazy, _, date, day_of_year, grouped, lazy, ngettext, pgettext, speaking

MOMENT = datetime(2026, 5, 3, 22, 0, tzinfo=UTC)


def test_a_message_is_in_the_language_spoken() -> None:
    with speaking("ja"):
        assert _("System Mail Account") == "システムメールアカウント"
        assert _("The user %(name)s was changed.", name="Bob") == "ユーザーBobを変更しました。"
    assert _("System Mail Account") == "System Mail Account"


def test_a_language_without_a_catalogue_is_the_source_s() -> None:
    with speaking("fr"):
        assert _("System Mail Account") == "System Mail Account"


def test_a_plural_is_counted_in_the_language_spoken() -> None:
    assert ngettext("%(num)s minute ago", "%(num)s minutes ago", 1) == "1 minute ago"
    with speaking("ja"):
        assert ngettext("%(num)s minute ago", "%(num)s minutes ago", 1) == "1分前"


def test_one_word_with_two_meanings_has_two_translations() -> None:
    with speaking("ja"):
        assert (_("Read"), pgettext("verb", "Read")) == ("既読", "読み取る")


def test_what_is_made_at_import_is_translated_when_it_is_shown() -> None:
    label: Lazy = lazy("Password")
    with speaking("ja"):
        assert str(label) == "パスワード"
    assert str(label) == "Password"


def test_dates_and_numbers_are_written_as_the_language_does() -> None:
    assert (date(MOMENT), date(MOMENT, "wide")) == ("3 May 2026", "3 May 2026")
    assert (day_of_year(MOMENT), grouped(12345)) == ("3 May", "12,345")
    with speaking("ja"):
        assert (date(MOMENT), date(MOMENT, "wide")) == ("2026年5月3日", "2026年5月3日")
        assert (day_of_year(MOMENT), grouped(12345)) == ("5月3日", "12,345")


def test_speaking_ends_with_what_was_before() -> None:
    with speaking("ja", ZoneInfo("Asia/Tokyo")):
        with speaking("en"):
            assert (words.language.get(), str(words.zone.get())) == ("en", "Asia/Tokyo")
        assert words.language.get() == "ja"
    assert (words.language.get(), words.zone.get()) == ("en", None)


def test_a_catalogue_is_read_in_the_blink_of_an_eye_and_once() -> None:
    words._catalogue.cache_clear()
    begun = time.process_time()
    with speaking("ja"):
        _("Password")
        first = time.process_time() - begun
        for _again in range(1000):
            _("Password")
    assert first < 0.6
    assert words._catalogue.cache_info().misses == 1
