"""Where cards are taken, the order form offers them, and the order's page has the button that pays."""

from sqlalchemy import select

from elearn.billing.models import Order, OrderState, PayBy
from tests.billing.buying.steps import fields
from tests.client import check_page

ADDRESS = "/courses/hard-talks/order"


def test_an_order_by_card_needs_no_ean_number_and_leads_to_the_button(buyer, shop, session) -> None:
    form = fields(buyer.page(f"{ADDRESS}?seats=10")) | {"pay_by": "card"}
    review = check_page(ADDRESS, buyer.post(ADDRESS, data=form | {"step": "review"}))
    assert "Card, when the order is accepted" in review.text
    placed = buyer.post(ADDRESS, data=fields(review) | {"step": "place"})
    order = session.scalars(select(Order)).one()
    assert (order.pay_by, order.state, order.gln) == (PayBy.CARD, OrderState.TO_PAY, "")
    page = buyer.page(placed.location)
    assert "Waits for the payment" in page.text
    assert page.find("form", action=f"/orders/{order.id}/pay")
