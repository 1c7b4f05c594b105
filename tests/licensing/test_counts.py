"""What is counted: seats of a licence, rows of a page, who is carried over."""

from typing import Any

import pytest

from elearn.licensing.models import Seat
from elearn.licensing.renewals import Renewal
from elearn.licensing.seat_lists import PAGE_SIZE, HeldSeat, LicenceRow, Page, SeatCounts
from elearn.licensing.services.licences import usual_handovers
from elearn.organisations.models import Department

NOBODY: Any = None


def test_a_licences_seats_are_those_in_use_those_held_and_the_free_ones() -> None:
    assert SeatCounts(claimed=3, invited=20, free=100).all == 123
    assert SeatCounts().all == 0


@pytest.mark.parametrize(("seats", "handovers"), [(1, 1), (20, 1), (21, 2), (100, 5), (101, 6), (10_000, 500)])
def test_five_of_a_hundred_seats_may_change_hands_rounded_up(seats: int, handovers: int) -> None:
    made = usual_handovers(seats)

    assert (made, type(made)) == (handovers, int)


@pytest.mark.parametrize(
    ("rows", "total", "number", "first", "last", "has_next"),
    [
        (0, 0, 1, 0, 0, False),
        (3, 3, 1, 1, 3, False),
        (PAGE_SIZE, PAGE_SIZE + 1, 1, 1, PAGE_SIZE, True),
        (1, PAGE_SIZE + 1, 2, PAGE_SIZE + 1, PAGE_SIZE + 1, False),
        (PAGE_SIZE, 3 * PAGE_SIZE, 2, PAGE_SIZE + 1, 2 * PAGE_SIZE, True),
    ],
)
def test_a_page_knows_which_rows_it_shows(
    rows: int, total: int, number: int, first: int, last: int, has_next: bool
) -> None:
    page = Page(list(range(rows)), total, number)

    assert (page.first, page.last, page.has_next) == (first, last, has_next)


@pytest.mark.parametrize("has_more", [True, False])
def test_a_list_too_long_to_be_counted_says_itself_whether_more_follows(has_more: bool) -> None:
    assert Page([1], None, 1, has_more).has_next is has_more
    assert not Page([1], None, 1).has_next


def test_the_next_order_needs_a_seat_for_everybody_who_stays() -> None:
    assert Renewal(holders=10, leaving=3, following=None, to_carry=0).staying == 7


@pytest.mark.parametrize(("free", "fits"), [(4, False), (5, True), (6, True)])
def test_people_are_carried_over_when_the_next_licence_has_room_for_all(free: int, fits: bool) -> None:
    following = LicenceRow(NOBODY, SeatCounts(free=free))

    assert Renewal(holders=9, leaving=1, following=following, to_carry=5).fits is fits


def test_nobody_is_carried_over_into_no_licence() -> None:
    assert not Renewal(holders=0, leaving=0, following=None, to_carry=0).fits


@pytest.mark.parametrize(
    ("said", "departments", "sector"),
    [("school", "ppr", "school"), ("school", None, "school"), (None, "ppr", "ppr"), (None, None, None)],
)
def test_a_holders_sector_is_what_was_said_else_the_departments(
    said: str | None, departments: str | None, sector: str | None
) -> None:
    seat = Seat(sector=said, department=Department(name="D", sector=departments) if departments else None)

    assert HeldSeat(seat, NOBODY, is_letter_stuck=False).sector == sector
