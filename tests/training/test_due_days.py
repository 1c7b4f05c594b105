"""The arithmetic of due days: month ends, leap days, and nobody late on the first day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elearn.training.due_days import add_months, due_day, latest_start

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
MONTHS = st.integers(1, 60)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_months_end_where_the_month_ends(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(DAYS, MONTHS)
def test_a_month_later_is_the_same_day_or_the_months_last(day: date, months: int) -> None:
    later = add_months(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, DAYS, MONTHS)
def test_later_days_never_come_earlier(first: date, second: date, months: int) -> None:
    earlier, later = sorted((first, second))

    assert add_months(earlier, months) <= add_months(later, months)


@given(DAYS, MONTHS)
def test_the_latest_start_is_the_last_day_whose_time_has_come(today: date, months: int) -> None:
    start = latest_start(today, months)

    assert add_months(start, months) <= today
    assert add_months(start + timedelta(days=1), months) > today


@given(DAYS, st.integers(0, 2000), st.integers(1, 365))
def test_nobody_is_late_when_the_rule_meets_them(counts_from: date, waited: int, within: int) -> None:
    met_on = counts_from + timedelta(days=waited)
    due_on = due_day(counts_from, met_on, within)

    assert due_on in (counts_from + timedelta(days=within), met_on + timedelta(days=within))
    assert due_on == counts_from + timedelta(days=within) or waited > 7
    assert within <= 7 or due_on > met_on
