"""What a course costs, told on its page before anybody orders."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from elearn.billing.models import Price, Seller
from tests.billing.buying.steps import COURSE, OFFER, ordered, query, sell_in_norway
from tests.billing.shop import CODE
from tests.billing.shop import order as place
from tests.client import check_page


def test_the_course_page_tells_the_offer_to_the_oere(visitor):
    page = visitor.page(f"{COURSE}?{query()}")
    assert all(sum_ in page.text for sum_ in OFFER)
    assert "2,399.00 DKK" in page.text
    assert "Region Midtjylland is still free" in page.text


def test_the_price_alone_says_the_same(visitor):
    answer = visitor.get(f"{COURSE}/price?{query()}")
    assert answer.status_code == 200
    assert all(sum_ in answer.json["html"] for sum_ in OFFER)
    assert "<html" not in answer.json["html"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seats": "101"}, "The code holds for exactly 100 seats."),
        ({"code": "NONSENSE"}, "We do not know this code."),
        ({"municipality": "Horsen"}, "Do you mean Horsens Kommune"),
        ({"seats": "0"}, "Write a whole number from 1 to 10000."),
        ({"seats": "many"}, "Write a whole number, such as 100."),
    ],
)
def test_every_refusal_stands_beside_its_field(visitor, changed, said):
    page = visitor.page(f"{COURSE}?{query(**changed)}")
    messages = [message.text for message in page.find_all(class_="ds-validation-message")]
    assert any(said in message for message in messages), messages
    assert ("74,968.75" in page.text) == (changed == {"municipality": "Horsen"}), "an unknown name refuses no code"


def test_a_second_municipality_of_the_region_reads_why_not(visitor, shop, session, world, tokens):
    place(session, tokens, world.ours, seats=100, code=CODE)
    session.commit()
    page = visitor.page(f"{COURSE}?{query()}")
    assert "The code has been used in Region Midtjylland. Each region has one test municipality." in page.text


def test_after_its_last_day_the_code_is_refused_with_the_day(visitor, clock):
    clock.set(datetime(2027, 5, 1, 9, tzinfo=UTC))
    assert "The code held until 30 April 2027." in visitor.page(f"{COURSE}?{query()}").text


def test_across_the_border_the_price_is_told_on_request(visitor):
    page = visitor.page(f"{COURSE}?seats=10&country=NO&municipality=&code=")
    assert "The course house tells you the price for this." in page.text
    assert page.find("section", id="price").find("a", href="mailto:ours@house.example")


def test_across_the_border_a_code_is_refused_with_the_reason_though_no_price_is_told(visitor):
    page = visitor.page(f"{COURSE}?{query(municipality='Bergen')}")
    assert "The code is for Danish municipalities." in [
        each.text for each in page.find_all(class_="ds-validation-message")
    ]
    assert "The course house tells you the price for this." in page.text
    assert not visitor.page(f"{COURSE}?seats=10&country=NO").find(class_="ds-validation-message")


def test_why_there_is_no_vat_is_told_in_the_readers_language(visitor, shop, session):
    session.get_one(Seller, shop.course_house_id).is_vat_registered = False
    session.commit()
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "da"
    page = visitor.page(f"{COURSE}?seats=10")
    assert "Sælgeren er ikke momsregistreret" in page.text
    assert "not registered" not in page.text


def test_a_house_without_prices_is_written_to(world, anonymous):
    page = anonymous.page(COURSE)
    assert page.find(id="contact")
    assert not page.find(id="price")
    assert anonymous.get(f"{COURSE}/price").status_code == 204
    assert anonymous.get(f"{COURSE}/order").status_code == 404
    assert anonymous.get(f"{COURSE}/quote").status_code == 404


def test_the_campaigns_regions_outlive_the_year(visitor, clock):
    clock.set(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    wish = query(municipality="Holbæk Kommune")
    assert "Region Sjælland is still free" in visitor.page(f"{COURSE}?{wish}").text
    clock.set(datetime(2026, 12, 31, 23, 1, tzinfo=UTC))
    page = visitor.page(f"{COURSE}?{wish}")
    assert "Region Sjælland is still free" in page.text, "as of the campaign's first day"
    assert all(sum_ in page.text for sum_ in OFFER)


def test_a_code_of_another_country_is_refused_with_the_reason(visitor, session, world):
    sell_in_norway(session, world.ours)
    page = visitor.page(f"{COURSE}?{query(municipality='Bergen kommune')}")
    assert "The code is for Danish municipalities." in page.text


def test_brackets_terms_and_the_least_number_are_offered(visitor, session, world):
    price = session.scalars(select(Price)).one()
    price.brackets, price.minimum_seats, price.terms_months = [[50, 200_000]], 10, [12, 24]
    session.commit()
    page = visitor.page(f"{COURSE}?seats=50&months=24&country=DK&municipality=&code=")
    assert "From 50 seats: 2,000.00 DKK per seat and year" in page.text
    assert "4,000.00 DKK" in page.find("p", class_="big").text
    assert "per seat for 24 months" in page.text
    page = visitor.page(f"{COURSE}?seats=9&months=12&country=DK&municipality=&code=")
    assert "Write 10 seats or more: fewer are not sold." in page.text
    price.on_request_above = 1000
    session.commit()
    page = visitor.page(f"{COURSE}?seats=1001&months=12&country=DK&municipality=&code=")
    assert "The course house tells you the price for this." in page.text


def test_cards_are_offered_only_where_they_are_taken(visitor):
    page = visitor.page(f"{COURSE}/order?{query()}")
    assert not page.find("input", {"name": "pay_by", "type": "radio"})
    answer = ordered(visitor, pay_by="card", step="review")
    assert "E-invoice, to be paid within 30 days" in check_page("/review", answer).text, (
        "no card behind the form's back"
    )
