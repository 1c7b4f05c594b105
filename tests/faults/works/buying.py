"""Orders: by strangers, with the letter that places them, and by a buyer who pays by card."""

import json
import re
from collections import Counter

from sqlalchemy import func, select

from elearn.billing.models import Checkout, Invoice, Order, OrderState, Payment, Seller
from elearn.billing.stand_in.server import signature
from elearn.core import clock
from elearn.licensing.models import Seat
from tests.billing.shop import open_shop
from tests.faults.browser import Answer, Browser, form_fields
from tests.faults.works.base import Ground, Work, differences
from tests.peers.stripe_server import SECRET

ADDRESS = "/courses/hard-talks/order"
SEATS = 3
LINK = re.compile(r"/orders/confirm/[\w-]+")


class Orders(Work):
    """Strangers who order by invoice, and press the button in the letter they get."""

    name = "orders"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._placed: list[str] = []
        self._confirmed: list[str] = []
        with ground.site.database.transaction() as session:
            if session.get(Seller, ground.site.world.ours.house.id) is None:
                open_shop(session, ground.site.world.ours)

    def once(self) -> None:
        browser = self.ground.browser()
        email = f"stranger{self.ground.number()}@horsens.example"
        wish = {"name": "Bo Berg", "email": email, "gln": "5790001330552", "buyer_reference": "BOBE"}
        _order(browser, "municipality=Horsens+Kommune", wish)
        self._placed.append(email)
        link = self._link(email)
        confirmed = browser.post(link, form_fields(browser.get(link).page))
        assert confirmed.status == 303, confirmed.text[:500]
        self._confirmed.append(email)
        self.note()

    def lost(self) -> list[str]:
        orders = self.ground.look(
            lambda session: session.execute(
                select(Order.email, Order.confirmed_at).where(Order.email.like("stranger%"))
            ).all()
        )
        counted = Counter(email for email, _at in orders)
        confirmed = {email for email, at in orders if at is not None}
        return [
            *(f"orders of {email}: {counted[email]}" for email in self._placed if counted[email] != 1),
            *(f"the order of {email} is not placed" for email in self._confirmed if email not in confirmed),
        ]

    def _link(self, email: str) -> str:
        def look() -> str | None:
            parts = (part for letter in self.ground.box.to(email) for part in letter.walk())
            texts = ((part.get_payload(decode=True) or b"").decode(errors="replace") for part in parts)
            return next((found[0] for text in texts if (found := LINK.search(text))), None)

        return str(self.ground.wait_for(f"a letter to {email}", look))


class ByCard(Work):
    """A buyer who orders and pays by card; Stripe tells of it twice, and again until somebody listens."""

    name = "card payments"

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._paid: list[int] = []
        self._told = 0
        self._cookie = ground.browser(ground.site.world.ours.buyer).cookie

    def once(self) -> None:
        browser = self.ground.browser()
        browser.cookie = self._cookie
        placed = _order(browser, "", {"pay_by": "card"})
        order_id = int(placed.location.rsplit("/", 1)[-1])
        fields = {"csrf_token": form_fields(browser.get(placed.location).page)["csrf_token"]}
        assert browser.post(f"/orders/{order_id}/pay", fields).status == 303
        account = self.ground.stripe.account
        with account.lock:
            account.pay(self._session(order_id))
        self._tell(browser)
        self._paid.append(order_id)
        self.note()

    def lost(self) -> list[str]:
        def look(session):
            paid = self._paid
            return (
                {each.id: each.state for each in session.scalars(select(Order).where(Order.id.in_(paid)))},
                _per(session, Payment.order_id, paid),
                _per(session, Invoice.order_id, paid),
                dict(
                    session.execute(
                        select(Order.id, func.count(Seat.id))
                        .join(Seat, Seat.licence_id == Order.licence_id)
                        .where(Order.id.in_(paid))
                        .group_by(Order.id)
                    ).all()
                ),
                list(session.scalars(select(Invoice.serial).order_by(Invoice.serial))),
            )

        states, payments, invoices, seats, serials = self.ground.look(look)
        found = []
        for number in self._paid:
            if states.get(number) != OrderState.READY:
                found.append(f"paid order {number} is {states.get(number)}")
            found += differences(f"payments of order {number}", 1, payments.get(number, 0))
            found += differences(f"invoices of order {number}", 1, invoices.get(number, 0))
            found += differences(f"seats of order {number}", SEATS, seats.get(number, 0))
        if serials != list(range(serials[0], serials[0] + len(serials))) if serials else False:
            found.append(f"invoice numbers have a gap: {serials}")
        return found

    def _session(self, order_id: int) -> str:
        """Return Stripe's number of the payment, as the page leads there once it is known."""
        number = select(Checkout.session_id).where(Checkout.order_id == order_id, Checkout.session_id.is_not(None))
        return str(
            self.ground.wait_for(
                f"Stripe's page for order {order_id}",
                lambda: self.ground.look(lambda session: session.scalar(number.order_by(Checkout.id.desc()))),
            )
        )

    def _tell(self, browser: Browser) -> None:
        events = self.ground.stripe.account.events
        for event in [each for each in events[self._told :] for _twice in range(2)]:
            body = json.dumps(event).encode()
            signed = signature(body, SECRET, clock.now().timestamp())
            told = browser.ask("POST", "/billing/stripe-webhook", body, "application/json", Stripe_Signature=signed)
            assert told.status < 300, told.text
        self._told = len(events)


def _order(browser: Browser, query: str, wish: dict[str, str]) -> Answer:
    """Fill in the form, read the review, and press; return the answer to the press."""
    form = form_fields(browser.get(f"{ADDRESS}?seats={SEATS}&{query}").page) | wish
    review = browser.post(ADDRESS, form | {"step": "review"})
    assert review.status == 200, review.text[:2000]
    placed = browser.post(ADDRESS, form_fields(review.page) | {"step": "place"})
    assert placed.status == 303, placed.text[:2000]
    return placed


def _per(session, column, wanted) -> dict[int, int]:
    return dict(session.execute(select(column, func.count()).where(column.in_(wanted)).group_by(column)).all())
