"""A stranger buys: form, review, letter, button, the order's page; the offer to the øre on every page."""

import re

import pytest
from sqlalchemy import select

from elearn.billing.models import Order, OrderState, Price
from elearn.billing.ordering import pages
from elearn.billing.services.order_answers import accept_order
from elearn.core.limits import Limit
from elearn.mail.models import Letter
from elearn.organisations.models import Membership, Role
from tests.billing.buying.steps import COURSE, OFFER, WHO, WISH, count, fields, ordered, query, sell_in_norway
from tests.billing.shop import CODE
from tests.billing.shop import order as place
from tests.client import check_page
from tests.world import latest_token


def test_a_stranger_orders_by_form_review_letter_and_button(visitor, session, installation, world):
    review = ordered(visitor, step="review")
    page = check_page("/review", review)
    assert all(sum_ in page.text for sum_ in OFFER)
    assert "5790001330552" in page.text
    assert "Paid within 30 days." in page.text
    assert count(session) == 0, "reading binds nobody"

    sent = ordered(visitor)
    assert sent.location == "/orders/sent"
    order = session.scalars(select(Order)).one()
    assert order.state is OrderState.UNCONFIRMED
    visitor.page("/orders/sent")
    address = f"/orders/confirm/{latest_token(session, installation)}"
    page = visitor.page(address)
    assert all(sum_ in page.text for sum_ in OFFER)
    assert order.state is OrderState.UNCONFIRMED, "a link never acts"

    pressed = visitor.press(address)
    assert pressed.location == f"/orders/{order.id}"
    session.refresh(order)
    assert order.state is OrderState.TO_CONFIRM
    page = visitor.page(pressed.location)
    assert "Waits for the course house" in page.text
    assert all(sum_ in page.text for sum_ in OFFER)
    assert visitor.press(address).location == f"/orders/{order.id}", "a second press changes nothing"
    assert "Sign in with bo@horsens.example" in visitor.page(address).text

    accept_order(session, scope=world.ours.house_scope, order_id=order.id, trust_domain=False, by_id=None)
    session.commit()
    page = visitor.page(f"/orders/{order.id}")
    assert "The seats are ready" in page.text
    assert order.licence.size == 100


def test_a_letter_pressed_again_signs_nobody_in(visitor, browser, session, installation):
    ordered(visitor)
    address = f"/orders/confirm/{latest_token(session, installation)}"
    visitor.press(address)
    other = browser()
    pressed = other.press(address)
    assert other.get(pressed.location).status_code == 303, "to the sign-in page"


def test_an_unknown_or_old_letter_is_gone(visitor, session, installation, clock):
    assert visitor.get("/orders/confirm/nonsense").status_code == 410
    ordered(visitor)
    address = f"/orders/confirm/{latest_token(session, installation)}"
    clock.advance(days=15)
    assert visitor.get(address).status_code == 410
    assert visitor.press(address).status_code == 410


def test_the_same_form_sent_twice_is_one_order(visitor, session):
    form = fields(visitor.page(f"{COURSE}/order?{query()}")) | WHO
    again = fields(check_page("/", visitor.post(f"{COURSE}/order", data=form | {"step": "review"})))
    answers = [visitor.post(f"{COURSE}/order", data=again | {"step": "place"}) for _ in range(2)]
    assert [answer.location for answer in answers] == ["/orders/sent"] * 2
    assert count(session) == 1
    assert len(session.scalars(select(Letter).where(Letter.kind == "billing/confirm_order")).all()) == 1


@pytest.mark.parametrize("back_to", ["change", "review"])
def test_after_a_mistyped_address_the_same_form_sends_another_letter(visitor, session, back_to):
    form = fields(visitor.page(f"{COURSE}/order?{query()}")) | WHO | {"email": "bo@horsen.example"}
    review = fields(check_page("/", visitor.post(f"{COURSE}/order", data=form | {"step": "review"})))
    visitor.post(f"{COURSE}/order", data=review | {"step": "place"})

    if back_to == "change":
        form = fields(check_page("/", visitor.post(f"{COURSE}/order", data=review | {"step": "change"})))
    form |= {"email": WHO["email"], "step": "review"}
    again = fields(check_page("/", visitor.post(f"{COURSE}/order", data=form)))
    assert visitor.post(f"{COURSE}/order", data=again | {"step": "place"}).location == "/orders/sent"
    letters = select(Letter.recipient).where(Letter.kind == "billing/confirm_order").order_by(Letter.id)
    assert session.scalars(letters).all() == ["bo@horsen.example", WHO["email"]]


def test_a_buyers_order_is_accepted_at_once_and_its_form_sent_twice_leads_to_it(browser, shop, session, world):
    buyer = browser().signed_in_as(world.ours.buyer)
    form = fields(buyer.page(f"{COURSE}/order?{query(municipality='Favrskov Kommune')}"))
    assert form["email"] == world.ours.buyer.address
    form |= {name: WHO[name] for name in ("gln", "buyer_reference", "accepts_duty")}
    again = fields(check_page("/", buyer.post(f"{COURSE}/order", data=form | {"step": "review"})))
    answers = [buyer.post(f"{COURSE}/order", data=again | {"step": "place"}) for _ in range(2)]
    order = session.scalars(select(Order)).one()
    assert [answer.location for answer in answers] == [f"/orders/{order.id}"] * 2
    assert order.state is OrderState.READY
    assert "Invite your people" in buyer.page(f"/orders/{order.id}").text


def test_a_price_that_changed_since_the_review_is_shown_again(visitor, session):
    form = fields(visitor.page(f"{COURSE}/order?{query()}")) | WHO
    again = fields(check_page("/", visitor.post(f"{COURSE}/order", data=form | {"step": "review"})))
    answer = visitor.post(f"{COURSE}/order", data=again | {"step": "place", "seen_total": "1"})
    assert "The price has changed" in check_page("/", answer).text
    assert count(session) == 0


def test_change_something_leads_back_with_nothing_lost(visitor):
    form = fields(visitor.page(f"{COURSE}/order?{query()}")) | WHO | {"order_number": "4500"}
    again = fields(check_page("/", visitor.post(f"{COURSE}/order", data=form | {"step": "review"})))
    back = fields(check_page("/", visitor.post(f"{COURSE}/order", data=again | {"step": "change"})))
    assert {name: back[name] for name in (*WHO, *WISH)} == {**WHO, **WISH}
    assert back["order_number"] == "4500"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"gln": "579000133055"}, "The EAN number has 12 digits. It needs 13."),
        ({"gln": "5790001330553"}, "the digits do not fit together"),
        ({"gln": ""}, "Write the EAN number, 13 digits"),
        ({"buyer_reference": ""}, "Write your reference or an order number"),
        ({"municipality": "Nowhere"}, "We do not know this municipality."),
        ({"email": "bo"}, "Write the whole address"),
        ({"name": "  "}, "Write your name."),
        ({"seats": "-1"}, "Write a whole number from 1 to 10000."),
        ({"seats": "1000000000"}, "Write a whole number from 1 to 10000."),
        ({"seats": "1.5"}, "Write a whole number, such as 100."),
        ({"name": "Bo\r\nBcc: x@x.example"}, "Write this on one line."),
        ({"starts_on": "2020-01-01"}, "Choose a day from 23 November 2026"),
        ({"code": "WRONG"}, "We do not know this code."),
    ],
)
def test_every_mistake_of_the_form_is_said_above_and_beside(visitor, session, changed, said):
    answer = ordered(visitor, **changed)
    page = check_page("/order", answer)
    assert answer.status_code == 422 if "email" not in changed else 200
    assert said in page.find(class_="ds-error-summary").text
    assert count(session) == 0


def test_the_duty_has_to_be_promised(visitor, session):
    form = fields(visitor.page(f"{COURSE}/order?{query()}")) | WHO
    del form["accepts_duty"]
    answer = visitor.post(f"{COURSE}/order", data=form | {"step": "review"})
    page = check_page("/order", answer)
    assert answer.status_code == 422
    assert "Tick that you promise it" in page.text
    assert "at least 80% of the staff" in page.text
    assert page.find("input", {"name": "accepts_duty"})


def test_an_order_page_is_for_its_sender_and_the_municipalitys_buyers(
    visitor, browser, session, installation, world, tokens
):
    order = place(session, tokens, world.ours)
    session.commit()
    address = f"/orders/{order.id}"
    assert visitor.get(address).status_code == 303
    assert browser().signed_in_as(world.ours.buyer).page(address)
    for other in (world.theirs.buyer, world.ours.learner, world.ours.owner):
        assert browser().signed_in_as(other).get(address).status_code == 404
        assert browser().signed_in_as(other).press(f"{address}/cancel").status_code == 404


def test_a_sender_cancels_before_the_invoice(visitor, session, installation, shop):
    ordered(visitor)
    visitor.press(f"/orders/confirm/{latest_token(session, installation)}")
    order = session.scalars(select(Order)).one()
    page = visitor.page(f"/orders/{order.id}")
    assert page.find("form", action=f"/orders/{order.id}/cancel")
    visitor.press(f"/orders/{order.id}/cancel", reason="We wait a year.")
    session.refresh(order)
    assert order.state is OrderState.CANCELLED
    page = visitor.page(f"/orders/{order.id}")
    assert "We wait a year." in page.text
    assert not page.find("form", action=f"/orders/{order.id}/cancel")
    session.refresh(shop)
    assert shop.used == 0


def test_who_no_longer_buys_reads_the_order_and_cancels_it_no_more(browser, shop, session, world, tokens):
    order = place(session, tokens, world.ours)
    ended = select(Membership).where(Membership.person_id == world.ours.buyer.id, Membership.role == Role.BUYER)
    session.scalars(ended).one().ended_at = order.placed_at
    session.commit()
    left = browser().signed_in_as(world.ours.buyer)
    assert not left.page(f"/orders/{order.id}").find("form", action=f"/orders/{order.id}/cancel")
    assert left.press(f"/orders/{order.id}/cancel", reason="Mine").status_code == 404
    session.refresh(order)
    assert order.is_open


def test_a_strangers_name_is_no_link_in_anybodys_letter(visitor, session):
    ordered(visitor, name="https://www.evil.example/pay Bo")
    letter = session.scalars(select(Letter).where(Letter.kind == "billing/confirm_order")).one()
    assert letter.context["name"] == "httpswwwevilexamplepay"


def test_a_place_taken_before_the_button_is_said_on_the_letters_page(visitor, session, installation, world, tokens):
    session.scalars(select(Price)).one().terms_months = [12, 24]
    session.commit()
    ordered(visitor, months="24")
    address = f"/orders/confirm/{latest_token(session, installation)}"
    place(session, tokens, world.ours, seats=100, code=CODE)
    session.commit()
    answer = visitor.press(address)
    assert answer.status_code == 409
    page = check_page(address, answer)
    assert "The code has been used in Region Midtjylland." in page.text
    again = visitor.page(page.find("a", string="Order without the code")["href"])
    assert again.find("input", {"name": "seats"})["value"] == "100"
    assert again.find("select", {"name": "months"}).find("option", selected=True)["value"] == "24"


def test_letters_to_one_address_are_limited(visitor):
    answers = [ordered(visitor, buyer_reference=f"R{number}").status_code for number in range(6)]
    assert answers == [303] * 5 + [429]


def test_letters_to_others_are_limited_for_who_is_signed_in_too(browser, shop, world):
    buyer = browser().signed_in_as(world.ours.buyer)
    answers = [ordered(buyer, buyer_reference=f"R{number}").status_code for number in range(6)]
    assert answers == [303] * 5 + [429]


def test_orders_that_write_to_the_course_house_are_limited(browser, shop, world, monkeypatch):
    monkeypatch.setattr(pages, "LETTERS_PER_SENDER", Limit("billing.order.sender", attempts=2, window_s=900))
    learner = browser().signed_in_as(world.ours.learner)
    form = {"email": world.ours.learner.address, "code": "", "seats": "10"}
    answers = [ordered(learner, **form, buyer_reference=f"R{number}").status_code for number in range(3)]
    assert answers == [303] * 2 + [429]


def test_trying_codes_is_limited_and_the_same_code_again_is_not_counted(visitor, session):
    for _ in range(40):
        assert visitor.get(f"{COURSE}/price?{query()}").status_code == 200
    answers = [visitor.get(f"{COURSE}/price?{query(code=f'TRY{number}')}").status_code for number in range(35)]
    assert answers == [200] * 29 + [429] * 6
    page = visitor.page(f"{COURSE}?{query(code='TRY99')}", 429)
    assert "Many codes were tried from here." in page.text
    assert re.search(r"299,875\.00", page.text) is None, "no price is told for a code that is not looked up"


def test_a_norwegian_buyer_is_invoiced_by_organisation_number(visitor, session, world):
    sell_in_norway(session, world.ours)
    page = visitor.page(f"{COURSE}?seats=10&municipality=Bergen kommune&country=DK&code=")
    assert "3,499.00 NOK" in page.text
    assert "VAT 0%" in page.text
    answer = ordered(visitor, f"{COURSE}/order", municipality="Bergen kommune", code="", gln="", seats="10")
    assert answer.location == "/orders/sent"
    order = session.scalars(select(Order)).one()
    assert (order.gln, order.currency, order.total_minor) == ("", "NOK", 3_499_000)
    review = ordered(visitor, step="review", municipality="Bergen kommune", code="", gln="", seats="10")
    assert "964338531" in check_page("/review", review).text
