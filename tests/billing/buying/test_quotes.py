"""Quotes: they stand until a day, and lead to the order."""

from sqlalchemy import select

from elearn.billing.models import Order, Quote
from elearn.billing.views import quotes
from elearn.core.limits import Limit
from tests.billing.buying.steps import COURSE, OFFER, count, fields, ordered, query
from tests.billing.shop import CODE
from tests.billing.shop import order as place
from tests.client import check_page
from tests.world import latest_token


def test_a_quote_stands_until_a_day_and_leads_to_the_order(visitor, session):
    form = fields(visitor.page(f"{COURSE}/quote?{query()}")) | {"name": "Bo Berg", "email": "bo@horsens.example"}
    answer = visitor.post(f"{COURSE}/quote", data=form)
    assert answer.status_code == 303
    again = visitor.post(f"{COURSE}/quote", data=form)
    assert again.location == answer.location
    assert count(session, Quote) == 1
    page = visitor.page(answer.location)
    assert all(sum_ in page.text for sum_ in OFFER)
    assert "22 January 2027" in page.text
    link = page.find("a", string="Order on this quote")["href"]
    assert all(sum_ in visitor.page(link).text for sum_ in OFFER)
    sent = ordered(visitor, link)
    assert sent.location == "/orders/sent"
    assert session.scalars(select(Order)).one().quote_id == session.scalars(select(Quote)).one().id


def test_a_quotes_form_with_other_seats_orders_the_quotes_own(visitor, session):
    form = fields(visitor.page(f"{COURSE}/quote?{query()}")) | {"name": "Bo Berg", "email": "bo@horsens.example"}
    link = visitor.page(visitor.post(f"{COURSE}/quote", data=form).location).find("a", string="Order on this quote")
    review = ordered(visitor, link["href"], step="review", seats="7777")
    assert "7777" not in review.text
    ordered(visitor, link["href"], seats="7777")
    assert session.scalars(select(Order.seats)).one() == 100


def test_a_quote_that_was_ordered_on_says_so_while_the_order_stands(visitor, session, installation):
    form = fields(visitor.page(f"{COURSE}/quote?{query(code='')}")) | {"name": "Bo", "email": "bo@horsens.example"}
    address = visitor.post(f"{COURSE}/quote", data=form).location
    ordered(visitor, visitor.page(address).find("a", string="Order on this quote")["href"])
    assert "orders twice" not in visitor.page(address).text, "nobody has pressed the letter's button"

    visitor.press(f"/orders/confirm/{latest_token(session, installation)}")
    page = visitor.page(address)
    assert "An order was placed on this quote on 23 November." in page.text
    assert page.find("a", string="Order on this quote")

    visitor.press(f"/orders/{session.scalars(select(Order.id)).one()}/cancel", reason="")
    assert "orders twice" not in visitor.page(address).text


def test_an_ended_quote_offers_a_new_price(visitor, session, clock):
    form = fields(visitor.page(f"{COURSE}/quote?{query(code='')}")) | {"name": "Bo", "email": "bo@horsens.example"}
    address = visitor.post(f"{COURSE}/quote", data=form).location
    clock.advance(days=61)
    page = visitor.page(address)
    assert "has ended" in page.text
    assert page.find("a", string="See the price now")["href"].startswith(f"{COURSE}?seats=100")
    assert not page.find("a", string="Order on this quote")


def test_a_quotes_order_says_when_its_region_was_taken_meanwhile(visitor, session, world, tokens):
    form = fields(visitor.page(f"{COURSE}/quote?{query()}")) | {"name": "Bo", "email": "bo@horsens.example"}
    address = visitor.post(f"{COURSE}/quote", data=form).location
    link = visitor.page(address).find("a", string="Order on this quote")["href"]
    place(session, tokens, world.ours, seats=100, code=CODE)
    session.commit()
    answer = ordered(visitor, link)
    assert answer.status_code == 422
    page = check_page(link, answer)
    assert "The code has been used in Region Midtjylland." in page.find(id="code").text
    assert page.find("a", string="See the price now")


def test_nobody_orders_on_an_ended_quote(visitor, clock):
    form = fields(visitor.page(f"{COURSE}/quote?{query(code='')}")) | {"name": "Bo", "email": "bo@horsens.example"}
    address = visitor.post(f"{COURSE}/quote", data=form).location
    link = visitor.page(address).find("a", string="Order on this quote")["href"]
    clock.advance(days=61)
    assert visitor.get(link).location == address


def test_a_quote_that_cannot_be_made_says_why(visitor, session):
    form = fields(visitor.page(f"{COURSE}/quote?{query(seats='101')}")) | {"name": "", "email": "bo"}
    answer = visitor.post(f"{COURSE}/quote", data=form)
    assert answer.status_code == 422
    assert "Write your name." in check_page("/quote", answer).text
    answer = visitor.post(f"{COURSE}/quote", data=form | {"name": "Bo"})
    assert "exactly 100 seats" in answer.text
    assert count(session, Quote) == 0


def test_drawing_quotes_is_limited(visitor, monkeypatch):
    monkeypatch.setattr(quotes, "DRAWINGS_PER_SENDER", Limit("billing.quote.drawings", attempts=2, window_s=3600))
    form = fields(visitor.page(f"{COURSE}/quote?{query()}")) | {"name": "Bo Berg", "email": "bo@horsens.example"}
    paper = f"{visitor.post(f'{COURSE}/quote', data=form).location}/pdf"
    assert [visitor.get(paper).status_code for _ in range(3)] == [200, 200, 429]
