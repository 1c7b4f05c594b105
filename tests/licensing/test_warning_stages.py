"""When a licence is warned about: how near its end is, and how full it is."""

import pytest

from elearn.licensing.warning_stages import days_passed, days_stage, share_stage, shares_passed


@pytest.mark.parametrize(
    ("days", "stage"), [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (0, 7), (-1, None)]
)
def test_the_stage_of_days(days: int, stage: int | None) -> None:
    assert days_stage(days) == stage


@pytest.mark.parametrize(
    ("used", "seats", "stage"),
    [
        (74, 100, None),
        (75, 100, 75),
        (89, 100, 75),
        (90, 100, 90),
        (99, 100, 90),
        (100, 100, 100),
        (0, 0, None),
        (2, 3, None),
        (3, 4, 75),
        (299, 400, None),
        (1, 1, 100),
    ],
)
def test_the_stage_of_seats(used: int, seats: int, stage: int | None) -> None:
    assert share_stage(used, seats) == stage


@pytest.mark.parametrize(
    ("stage", "passed"), [(60, ["days:60"]), (30, ["days:30", "days:60"]), (7, ["days:7", "days:30", "days:60"])]
)
def test_a_told_day_settles_the_less_urgent_ones(stage: int, passed: list[str]) -> None:
    assert days_passed(stage) == passed


@pytest.mark.parametrize(
    ("stage", "passed"), [(75, ["used:75"]), (90, ["used:90", "used:75"]), (100, ["used:100", "used:90", "used:75"])]
)
def test_a_told_share_settles_the_less_urgent_ones(stage: int, passed: list[str]) -> None:
    assert shares_passed(stage) == passed
