"""What a free text may not hold."""

import time

import pytest

from elearn.feedback.free_text import names_a_number


@pytest.mark.parametrize(
    "text",
    [
        "Her number is 010190-1234",
        "010190 - 1234",
        "01019012345",
        "Ring 22 33 44 55",
        "22\u00a033\u00a044\u00a055",
        "22  33  44  55",
        "22/33/44/55",
        "(+45) 22 33 44 55",
        "(22) 33 44 55",
        "20 19-20 24",
        "26.11.2026, ring 22334455",
        "write to me@example.org",
        "me@@example.org or me@example.org.",
    ],
)
def test_numbers_and_addresses_are_found_however_they_are_parted(text: str) -> None:
    assert names_a_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "On 3 May we were 12 of 400",
        "1, 2, 3, 4, 5, 6, 7, 8",
        "@home",
        "a@b",
        "5-7 000",
        "On 26.11.2026 and on 2026-11-27",
        "In 2019-2024, and 2025 – 2026",
    ],
)
def test_other_words_are_let_through(text: str) -> None:
    assert not names_a_number(text)


@pytest.mark.parametrize("text", ["a" * 2000, "a" * 1000 + "@" + "a" * 999, "1" * 2000, "a@" * 1000, "1 " * 6 + "x"])
def test_no_text_takes_long_to_look_through(text: str) -> None:
    begun = time.process_time()
    for _again in range(10):
        names_a_number(text)
    assert time.process_time() - begun < 0.15
