"""Languages and the formats that go with them."""

from datetime import UTC, date, datetime

import pytest

from elearn.core import i18n


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (["no"], "nb"),
        (["no-NO"], "nb"),
        (["nb-NO", "en"], "nb"),
        (["nn-NO", "nb"], "nn"),
        (["da-DK"], "da"),
        (["sv-SE", "en-GB", "da"], "en"),
        (["en-US"], "en"),
        (["sv", "fi"], "da"),
        ([], "da"),
        (["*"], "da"),
        (["x" * 500, "-", "_", "nn"], "nn"),
    ],
)
def test_the_browsers_languages_choose(asked: list[str], spoken: str) -> None:
    assert i18n.negotiate(asked) == spoken


@pytest.mark.parametrize(
    ("header", "spoken"),
    [("no,en;q=0.5", "nb"), ("en;q=0.5,nn", "nn"), ("", "da"), ("\xff,;;q=x", "da"), ("a" * 5000, "da")],
)
def test_a_page_speaks_the_browsers_language(anonymous, header: str, spoken: str) -> None:
    page = anonymous.get("/sign-in", headers={"Accept-Language": header})

    assert f'<html lang="{spoken}"' in page.text


def test_a_language_that_was_chosen_goes_before_the_browsers(anonymous) -> None:
    anonymous.press("/language", language="nn")

    assert '<html lang="nn"' in anonymous.get("/sign-in", headers={"Accept-Language": "en"}).text


def test_a_language_that_does_not_exist_is_refused(anonymous) -> None:
    assert anonymous.press("/language", language="sv").status_code == 400


@pytest.mark.parametrize(
    ("language", "long", "short"),
    [
        ("da", "14. december 2026", "14. december"),
        ("nb", "14. desember 2026", "14. desember"),
        ("nn", "14. desember 2026", "14. desember"),
        ("en", "14 December 2026", "14 December"),
    ],
)
def test_days_are_written_out(language: str, long: str, short: str) -> None:
    with i18n.speaking(language):
        assert i18n.format_day(date(2026, 12, 14)) == long
        assert i18n.format_day(date(2026, 12, 14), short=True) == short


@pytest.mark.parametrize(("language", "written"), [("da", "10.42"), ("nb", "10.42"), ("nn", "10.42"), ("en", "10:42")])
def test_times_are_those_of_the_country(language: str, written: str) -> None:
    with i18n.speaking(language):
        assert i18n.format_time(datetime(2026, 11, 23, 9, 42, tzinfo=UTC), "DK") == written


@pytest.mark.parametrize(
    ("language", "written"), [("da", "1.234,5"), ("nb", "1\xa0234,5"), ("nn", "1\xa0234,5"), ("en", "1,234.5")]
)
def test_numbers_have_the_languages_separators(language: str, written: str) -> None:
    with i18n.speaking(language):
        assert i18n.format_number(1234.5) == written


@pytest.mark.parametrize(
    ("seconds", "code"), [(0, "00:00"), (9.9, "00:09"), (845.2, "14:05"), (3599.9, "59:59"), (3723, "1:02:03")]
)
def test_places_in_a_film(seconds: float, code: str) -> None:
    assert i18n.format_timecode(seconds) == code


@pytest.mark.parametrize(
    ("language", "written"), [("da", "”Navn”"), ("nb", "«Navn»"), ("nn", "«Navn»"), ("en", "“Navn”")]
)
def test_words_of_others_stand_in_the_languages_quotation_marks(language: str, written: str) -> None:
    with i18n.speaking(language):
        assert i18n.quoted("Navn") == written


def test_a_language_spoken_in_a_block_ends_with_it() -> None:
    with i18n.speaking("nn"):
        assert i18n.language() == "nn"
    assert i18n.language() == "en"
