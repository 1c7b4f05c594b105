"""Orders with a code: what they use up, whose place they take, and when it is given back."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from elearn.billing import code_uses, errors
from elearn.billing.models import DiscountCode, OrderState
from elearn.billing.order_rows import close_order
from elearn.billing.services.order_answers import (
    accept_order,
    cancel_order,
    refuse_order,
)
from elearn.billing.services.orders import confirm_order, place_order
from elearn.billing.services.pricing_orders import Asked, price_order
from elearn.billing.services.quotes import make_quote
from tests.billing.shop import CODE, add_campaign, details, municipality, order, used
from tests.world import latest_token


def test_a_refused_order_says_why_and_frees_its_code_and_place(shop, session, tokens, installation) -> None:
    add_campaign(session, shop)
    aarhus = municipality(session, "Aarhus")
    placed = order(session, tokens, shop, seats=100, code=CODE, municipality=aarhus)
    assert used(session) == 0, "an unconfirmed order uses nothing up"
    confirm_order(session, latest_token(session, installation))
    assert used(session) == 1

    for _press in range(2):
        refuse_order(
            session, scope=shop.house_scope, order_id=placed.id, reason="Not a public body", by_id=shop.owner.id
        )
    assert (placed.state, placed.closed_reason) == (OrderState.REFUSED, "Not a public body")
    assert used(session) == 0, "given back once"
    order(session, tokens, shop, seats=100, code=CODE)
    with pytest.raises(errors.OrderNotWaiting):
        accept_order(session, scope=shop.house_scope, order_id=placed.id, trust_domain=False, by_id=shop.owner.id)


def test_the_offer_to_the_oere_in_quote_and_order(shop, session, tokens) -> None:
    add_campaign(session, shop)
    told = make_quote(
        session,
        course=shop.course,
        municipality=shop.municipality,
        asked=Asked(100, None, CODE.lower()),
        name="Karin",
        email="karin@favrskov.example",
        language="da",
        form_key="q",
    )
    placed = order(session, tokens, shop, seats=100, code=CODE)

    for each in (told, placed):
        assert (each.net_minor, each.vat_minor, each.total_minor) == (5_997_500, 1_499_375, 7_496_875)
    assert told.valid_until == date(2027, 1, 22)
    assert (placed.duty_share, placed.duty_due_on) == (80, date(2027, 5, 22))
    assert placed.campaign_place.name == "Region Midtjylland"


def test_one_municipality_in_each_region(shop, session, tokens, installation) -> None:
    add_campaign(session, shop)
    first = order(session, tokens, shop, seats=100, code=CODE)
    with pytest.raises(errors.PlaceTaken, match="Midtjylland"):
        order(session, tokens, shop, seats=100, code=CODE, municipality=municipality(session, "Aarhus"))
    elsewhere = order(session, tokens, shop, seats=100, code=CODE, municipality=municipality(session, "Odense"))
    assert elsewhere.state is OrderState.UNCONFIRMED

    cancel_order(session, scope=shop.house_scope, order_id=first.id, reason="Their wish", by_id=shop.owner.id)
    again = order(session, tokens, shop, seats=100, code=CODE, municipality=municipality(session, "Aarhus"))
    confirm_order(session, latest_token(session, installation))
    assert again.campaign_place.name == "Region Midtjylland"
    assert used(session) == 1


def test_a_place_taken_between_sending_and_confirming_is_refused(shop, session, tokens, installation) -> None:
    add_campaign(session, shop)
    order(session, tokens, shop, seats=100, code=CODE, municipality=municipality(session, "Aarhus"))
    token = latest_token(session, installation)
    order(session, tokens, shop, seats=100, code=CODE)

    with pytest.raises(errors.PlaceTaken):
        confirm_order(session, token)


@pytest.mark.parametrize(
    ("seats", "name", "refusal"),
    [(101, "Favrskov", errors.CodeForOtherSize), (100, "Voss", errors.OnRequest)],
)
def test_other_sizes_and_buyers_across_the_border_are_refused(shop, session, seats, name, refusal) -> None:
    add_campaign(session, shop)
    where = session.scalars(
        select(type(shop.municipality)).where(type(shop.municipality).name.startswith(name))
    ).first()
    with pytest.raises(refusal):
        price_order(
            session, course=shop.course, country=where.country, municipality=where, asked=Asked(seats, None, CODE)
        )


def test_the_code_is_right_across_new_year_and_ends_with_its_campaign(shop, session, tokens, clock) -> None:
    add_campaign(session, shop)
    naestved = municipality(session, "Næstved")
    for instant in (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), datetime(2026, 12, 31, 23, 1, tzinfo=UTC)):
        clock.set(instant)
        priced = price_order(
            session, course=shop.course, country="DK", municipality=naestved, asked=Asked(100, None, CODE)
        )
        assert priced.place.name == "Region Sjælland", "places are those of the campaign's first day"
    clock.set(datetime(2027, 5, 1, 8, 0, tzinfo=UTC))
    with pytest.raises(errors.CodeExpired):
        price_order(session, course=shop.course, country="DK", municipality=naestved, asked=Asked(100, None, CODE))


def test_other_codes_keep_their_uses_and_one_without_a_limit_has_no_last(shop, session, tokens) -> None:
    bound = add_campaign(session, shop)
    free = DiscountCode(
        course_house_id=shop.house.id,
        code="ALL",
        kind="percent",
        value=100,
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
        created_at=bound.created_at,
    )
    session.add(free)
    session.flush()
    for seats in (1, 2, 3):
        placed = order(session, tokens, shop, seats=seats, code="all")
    cancel_order(session, scope=shop.house_scope, order_id=placed.id, reason="x", by_id=shop.owner.id)
    cancelled_without = order(session, tokens, shop, seats=4)
    cancel_order(session, scope=shop.house_scope, order_id=cancelled_without.id, reason="x", by_id=shop.owner.id)

    session.expire_all()
    assert (free.used, bound.used) == (2, 0)


def test_a_limited_code_is_used_up(shop, session, tokens) -> None:
    add_campaign(session, shop, max_uses=1, min_seats=None, max_seats=None)
    code = session.scalars(select(DiscountCode)).one()
    code.campaign = None
    session.flush()
    placed = order(session, tokens, shop, code=CODE)
    with pytest.raises(errors.CodeUsedUp):
        order(session, tokens, shop, code=CODE)
    with pytest.raises(errors.CodeUsedUp):
        code_uses.take(session, order=placed, code=code, place=None)


def test_an_order_that_was_never_confirmed_has_no_use_to_give_back(shop, session, tokens) -> None:
    add_campaign(session, shop, min_seats=None, max_seats=None)
    order(session, tokens, shop, code=CODE)
    waiting = order(session, tokens, shop, code=CODE, municipality=municipality(session, "Odense"))
    close_order(session, waiting, reason="x", by_id=None)

    assert used(session) == 1


def test_whoever_comes_second_to_a_place_is_told_which(shop, session, tokens) -> None:
    code = add_campaign(session, shop, min_seats=None, max_seats=None)
    first = order(session, tokens, shop, code=CODE)
    second = order(session, tokens, shop)
    with pytest.raises(errors.PlaceTaken) as refused:
        code_uses.take(session, order=second, code=code, place=first.campaign_place)
    assert refused.value.place == "Region Midtjylland"


def test_a_quote_uses_nothing_up_and_its_code_is_asked_again(shop, session, tokens) -> None:
    add_campaign(session, shop)
    told = make_quote(
        session,
        course=shop.course,
        municipality=shop.municipality,
        asked=Asked(100, None, CODE),
        name="Karin",
        email="karin@favrskov.example",
        language="da",
        form_key="q",
    )
    assert used(session) == 0
    order(session, tokens, shop, seats=100, code=CODE)
    with pytest.raises(errors.PlaceTaken) as refused:
        place_order(
            session,
            tokens,
            course=shop.course,
            municipality=shop.municipality,
            asked=Asked(100),
            details=details(email=shop.buyer.address),
            form_key="k",
            person=shop.buyer,
            quote=told,
        )
    assert refused.value.place == "Region Midtjylland"
