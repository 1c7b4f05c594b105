"""What the tests' own reader of pages would let through, none of the other tests would see."""

import pytest

from tests.client import errors_in

PAGE = (
    '<!doctype html><html lang="en"><head><title>T</title></head><body><main><p class="a">Tea</p></main></body></html>'
)


def test_a_valid_page_has_no_errors() -> None:
    assert errors_in(PAGE) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<!doctype html>", ""),
        ("</p>", "</p></p>"),
        ("</main>", ""),
        ("Tea", "<a href='/'>Tea"),
        ("Tea", "<div>Tea</div>"),
        ("Tea", "&tea;"),
        ('class="a"', 'class="a" class="b"'),
        ('class="a"', 'class=a"'),
    ],
)
def test_what_a_browser_would_forgive_is_an_error(right: str, wrong: str) -> None:
    assert errors_in(PAGE.replace(right, wrong, 1)) != []
