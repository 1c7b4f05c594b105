"""A licence in any order of events: its seats, who asks for one and who stands in line, until it has ended."""

import pytest

from tests.conftest import TestClock
from tests.licensing.helpers import Field, new_licence
from tests.licensing.line_rules import LineRules
from tests.licensing.seat_rules import SEATS
from tests.licensing.states import try_any_order


@pytest.fixture
def short(field: Field) -> Field:
    """Some free seats for a hundred days: an invitation can lapse, and the licence can end."""
    field.licence = new_licence(field.session, field.world, SEATS, days=99)
    return field


def test_seats_and_line_keep_their_rules_in_any_order_of_events(short: Field, clock: TestClock) -> None:
    try_any_order(LineRules, short, clock, examples=20, steps=30)


@pytest.mark.soak
def test_seats_and_line_keep_their_rules_in_many_more_orders(short: Field, clock: TestClock) -> None:
    try_any_order(LineRules, short, clock, examples=600, steps=50)
