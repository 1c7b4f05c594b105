"""What an order costs, to the øre."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elearn.billing.errors import OnRequest, TooFewSeats, UnknownTerm
from elearn.billing.pricing import (
    Bracket,
    Discount,
    DiscountKind,
    Line,
    Offer,
    Quote,
    Vat,
    VatCategory,
    credit,
    quote,
    quote_days_left,
)

MOMS = Vat(VatCategory.STANDARD, 2500)
NO_VAT = Vat(VatCategory.EXEMPT, 0, "Exempt under section 13")
LIST = Offer("DKK", 239_900)
TEST_MUNICIPALITY = Discount(DiscountKind.PERCENT, 7500, "FAVRSKOV")


def test_a_hundred_seats_cost_the_list_price() -> None:
    priced = quote(LIST, seats=100, months=12, vat=MOMS)

    assert (priced.net_minor, priced.vat_minor, priced.total_minor) == (23_990_000, 5_997_500, 29_987_500)


def test_a_test_municipality_pays_a_quarter_and_vat_on_the_sum() -> None:
    priced = quote(LIST, seats=100, months=12, vat=MOMS, discount=TEST_MUNICIPALITY)

    assert (priced.net_minor, priced.vat_minor, priced.total_minor) == (5_997_500, 1_499_375, 7_496_875)
    per_seat = quote(LIST, seats=1, months=12, vat=MOMS, discount=TEST_MUNICIPALITY)
    assert per_seat.total_minor * 100 == 7_496_900, "reckoned seat by seat it would be 25 øre more"


@pytest.mark.parametrize(
    ("seats", "unit"), [(1, 239_900), (49, 239_900), (50, 219_900), (99, 219_900), (100, 199_900), (5000, 199_900)]
)
def test_every_seat_costs_what_the_orders_bracket_says(seats: int, unit: int) -> None:
    offer = Offer("DKK", 239_900, (Bracket(50, 219_900), Bracket(100, 199_900)))

    assert quote(offer, seats=seats, months=12, vat=MOMS).lines[0].unit_minor == unit


def test_brackets_may_stand_in_any_order() -> None:
    offer = Offer("DKK", 239_900, (Bracket(100, 199_900), Bracket(50, 219_900)))

    assert quote(offer, seats=60, months=12, vat=MOMS).lines[0].unit_minor == 219_900


def test_a_term_costs_its_share_of_a_year() -> None:
    offer = Offer("DKK", 239_900, terms_months=(12, 7, 24))

    assert quote(offer, seats=1, months=7, vat=MOMS).lines[0].unit_minor == 139_942, "139,941.67 øre, rounded"
    assert quote(offer, seats=1, months=24, vat=MOMS).lines[0].unit_minor == 479_800
    assert quote(offer, seats=1, months=24, vat=MOMS).lines[0].months == 24


def test_other_terms_are_not_sold() -> None:
    with pytest.raises(UnknownTerm):
        quote(LIST, seats=10, months=6, vat=MOMS)


def test_too_few_seats_are_told_the_least_number() -> None:
    offer = Offer("DKK", 239_900, minimum_seats=10)

    with pytest.raises(TooFewSeats) as refused:
        quote(offer, seats=9, months=12, vat=MOMS)
    assert refused.value.least == 10
    assert quote(offer, seats=10, months=12, vat=MOMS).lines[0].quantity == 10


def test_above_a_size_the_price_is_on_request() -> None:
    offer = Offer("DKK", 239_900, on_request_above=500)

    with pytest.raises(OnRequest):
        quote(offer, seats=501, months=12, vat=MOMS)
    assert quote(offer, seats=500, months=12, vat=MOMS).lines[0].quantity == 500


@pytest.mark.parametrize(
    ("discount", "net"),
    [
        (Discount(DiscountKind.AMOUNT, 100_000, "A"), 2_299_000),
        (Discount(DiscountKind.AMOUNT, 9_000_000, "A"), 0),
        (Discount(DiscountKind.PRICE, 1_500_000, "P"), 1_500_000),
        (Discount(DiscountKind.PRICE, 9_000_000, "P"), 2_399_000),
        (Discount(DiscountKind.PERCENT, 10_000, "F"), 0),
    ],
)
def test_a_code_never_makes_an_order_dearer_or_cheaper_than_nothing(discount: Discount, net: int) -> None:
    assert quote(LIST, seats=10, months=12, vat=MOMS, discount=discount).net_minor == net


def test_a_code_that_takes_nothing_off_is_not_named_on_the_line() -> None:
    dearer = Discount(DiscountKind.PRICE, 9_000_000, "P")

    assert quote(LIST, seats=10, months=12, vat=MOMS, discount=dearer).lines[0].code == ""
    assert quote(LIST, seats=10, months=12, vat=MOMS, discount=TEST_MUNICIPALITY).lines[0].code == "FAVRSKOV"


def test_half_an_oere_is_rounded_up() -> None:
    assert quote(Offer("DKK", 2), seats=1, months=12, vat=MOMS).vat_minor == 1
    assert quote(Offer("DKK", 1), seats=1, months=12, vat=MOMS).vat_minor == 0


def test_without_vat_the_sum_is_the_net() -> None:
    priced = quote(LIST, seats=10, months=12, vat=NO_VAT)

    assert (priced.vat_minor, priced.total_minor) == (0, priced.net_minor)


def test_more_seats_in_mid_term_cost_the_days_left_in_the_bracket_of_all() -> None:
    offer = Offer("DKK", 239_900, (Bracket(100, 199_900),), minimum_seats=10)

    priced = quote_days_left(offer, seats=5, held=95, days=73, vat=MOMS)

    assert priced.lines[0].unit_minor == 39_980
    assert priced.net_minor == 199_900
    assert (priced.lines[0].days, priced.lines[0].months) == (73, None)


@pytest.mark.parametrize(
    ("days", "paid"),
    [(1, 1), (200, 200), (364, 364), (365, 365), (366, 365), (367, 367), (730, 730), (731, 730), (1461, 1460)],
)
def test_a_leap_day_makes_a_year_no_dearer(days: int, paid: int) -> None:
    priced = quote_days_left(Offer("DKK", 365_000), seats=1, held=10, days=days, vat=MOMS)

    assert (priced.lines[0].unit_minor, priced.lines[0].days) == (paid * 1_000, days)


def test_more_seats_than_are_sold_freely_are_on_request_in_mid_term_too() -> None:
    offer = Offer("DKK", 239_900, on_request_above=100)

    assert quote_days_left(offer, seats=10, held=90, days=10, vat=MOMS).lines[0].quantity == 10
    with pytest.raises(OnRequest):
        quote_days_left(offer, seats=11, held=90, days=10, vat=MOMS)
    with pytest.raises(TooFewSeats) as refused:
        quote_days_left(offer, seats=0, held=90, days=10, vat=MOMS)
    assert refused.value.least == 1
    assert quote_days_left(offer, seats=1, held=90, days=10, vat=MOMS).lines[0].quantity == 1
    assert quote_days_left(offer, seats=1, held=90, days=10, vat=MOMS).currency == "DKK"


vats = st.sampled_from([MOMS, NO_VAT, Vat(VatCategory.STANDARD, 1200), Vat(VatCategory.STANDARD, 1)])
discounts = st.one_of(
    st.none(),
    st.builds(Discount, st.just(DiscountKind.PERCENT), st.integers(0, 10_000), st.just("C")),
    st.builds(
        Discount, st.sampled_from([DiscountKind.AMOUNT, DiscountKind.PRICE]), st.integers(0, 10**9), st.just("C")
    ),
)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    prices = draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=4).map(lambda found: sorted(found)[::-1]))
    froms = sorted(draw(st.sets(st.integers(2, 2000), min_size=len(prices) - 1, max_size=len(prices) - 1)))
    brackets = tuple(map(Bracket, froms, prices[1:]))
    return Offer("DKK", prices[0], brackets, terms_months=(draw(st.integers(1, 60)),))


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    offer = draw(offers())
    return quote(
        offer,
        seats=draw(st.integers(1, 3000)),
        months=offer.terms_months[0],
        vat=draw(vats),
        discount=draw(discounts),
    )


@given(quotes())
def test_parts_add_up_and_nothing_is_negative(priced: Quote) -> None:
    (line,) = priced.lines
    assert line.net_minor == line.quantity * line.unit_minor - line.allowance_minor
    assert min(line.unit_minor, line.allowance_minor, line.net_minor, priced.vat_minor) >= 0
    assert priced.net_minor == line.net_minor
    assert priced.total_minor == priced.net_minor + priced.vat_minor
    exact = priced.net_minor * line.vat.rate_bp
    assert -5_000 <= exact - priced.vat_minor * 10_000 < 5_000


@given(quotes())
def test_stored_lines_read_the_same(priced: Quote) -> None:
    stored = [line.as_json() for line in priced.lines]

    assert Quote.from_json("DKK", stored) == priced
    assert Line.from_json(stored[0]) == priced.lines[0]
    assert set(stored[0]["vat"]) == {"category", "rate_bp", "reason"}


@given(quotes(), st.data())
def test_credits_add_up_to_the_invoice(priced: Quote, data: st.DataObject) -> None:
    (line,) = priced.lines
    given_back, parts = 0, []
    while given_back < line.quantity and len(parts) < 5:
        last = len(parts) == 4
        seats = line.quantity - given_back if last else data.draw(st.integers(1, line.quantity - given_back))
        parts.append(credit(priced, seats_before=given_back, seats=seats))
        given_back += seats

    for part in parts:
        (back,) = part.lines
        assert (back.months, back.days, back.code, back.vat) == (line.months, line.days, line.code, line.vat)
        assert back.net_minor == back.quantity * back.unit_minor - back.allowance_minor
        assert min(back.net_minor, back.allowance_minor, part.vat_minor) >= 0
    if given_back == line.quantity:
        assert sum(part.net_minor for part in parts) == priced.net_minor
        assert sum(part.vat_minor for part in parts) == priced.vat_minor


def test_no_more_seats_are_credited_than_were_bought() -> None:
    priced = quote(LIST, seats=10, months=12, vat=MOMS)

    with pytest.raises(ValueError, match="11 of 10"):
        credit(priced, seats_before=4, seats=7)
    with pytest.raises(ValueError, match="4 of 10"):
        credit(priced, seats_before=4, seats=0)


def test_seats_of_the_days_left_are_credited_as_such() -> None:
    priced = quote_days_left(LIST, seats=4, held=10, days=73, vat=MOMS)
    (back,) = credit(priced, seats_before=0, seats=1).lines

    assert (back.days, back.months, back.net_minor) == (73, None, 47_980)


def test_a_stored_credit_note_keeps_its_share_of_the_vat() -> None:
    whole = quote(Offer("DKK", 1), seats=3, months=12, vat=MOMS)
    parts = [credit(whole, seats_before=before, seats=1) for before in range(3)]

    assert [part.vat_minor for part in parts] == [0, 1, 0]
    stored = [line.as_json() for line in parts[1].lines]
    assert Quote.from_json("DKK", stored, vat_minor=1) == parts[1]


def test_lines_of_one_rate_are_added_up_before_their_vat_is_reckoned() -> None:
    lines = [Line(1, 1, 0, 1, 12, None, "", vat) for vat in (MOMS, MOMS, NO_VAT)]
    priced = Quote.of("DKK", lines)

    assert [(each.net_minor, each.vat_minor) for each in priced.vat_sums] == [(2, 1), (1, 0)]
    assert priced.total_minor == 4
