"""Card payments: begun as a row before Stripe is asked, and settled by what Stripe tells (docs/rules/payments.md).

What Stripe tells are facts, each with its moment. They are joined, never overwritten: the earliest moment stays, and
whatever follows is worked out anew from all of them, so that any order of news ends in the same state.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from elearn.billing import emails
from elearn.billing.errors import NotForCards, OrderClosed
from elearn.billing.models import Checkout, Order, OrderState, Outcome, PayBy, PaymentKind, Seller
from elearn.billing.order_rows import close_order, invoice_of, lock_order, open_checkout, record_event
from elearn.billing.services.payments import note_payment, owed, received
from elearn.billing.services.pricing_orders import takes_card
from elearn.billing.told import ToldSession
from elearn.core import audit, clock
from elearn.core.i18n import gettext as _
from elearn.core.i18n import speaking
from elearn.core.scope import HouseScope
from elearn.core.tokens import random_token
from elearn.jobs.queue import enqueue

LIFE = timedelta(hours=23)
"""How long it may be paid; Stripe takes at most a day."""
ASK_AGAIN_S = 20

BEGUN = audit.kind("billing.checkout.begun", "order_id", "checkout_id", "amount_minor", "currency")


def house_of(order: Order) -> HouseScope:
    """Return the scope of an order's house, for what nobody but Stripe has told."""
    return HouseScope(order.course_house_id, 0)


def left_to_charge(session: Session, order: Order) -> int:
    """Return what a card is charged for an order: what was not credited, less what has come in some other way."""
    return owed(session, order) - max(received(session, order), 0)


def begin_checkout(session: Session, *, order: Order, by_id: int) -> Checkout:
    """Begin the payment by card of what an order still owes, or return the one that is open: its key asks Stripe.

    A job asks as well, should the process end between the commit and the question. Raises `OrderClosed`,
    `NotForCards`.
    """
    order = lock_order(session, house_of(order), order.id)
    if not order.is_open:
        raise OrderClosed
    is_due = order.state is OrderState.TO_PAY and order.paid_at is None
    left = left_to_charge(session, order)
    if order.pay_by != PayBy.CARD or not is_due or not takes_card(left):
        raise NotForCards
    checkout = open_checkout(session, order)
    if checkout is not None:
        return checkout
    now = clock.now()
    checkout = Checkout(
        order=order,
        idempotency_key=random_token(),
        amount_minor=left,
        currency=order.currency,
        begun_at=now,
        expires_at=now + LIFE,
    )
    session.add(checkout)
    session.flush()  # the event and the job name its id
    record_event(
        session,
        BEGUN,
        order,
        by_id,
        checkout_id=checkout.id,
        amount_minor=checkout.amount_minor,
        currency=checkout.currency,
    )
    enqueue(session, "billing.ask_checkout", delay_s=ASK_AGAIN_S, checkout_id=checkout.id)
    return checkout


def note_session(
    session: Session, told: ToldSession, *, at: datetime, has_failed: bool = False
) -> tuple[Outcome, Checkout | None]:
    """Join what Stripe tells of a session, at a moment, to what is known; payment or closing of its order follow.

    Nothing of it is taken over when it does not fit what was begun: the outcome says why.
    """
    checkout = _find(session, told)
    if checkout is None:
        return (Outcome.UNKNOWN_CHECKOUT if told.house else Outcome.IGNORED), None
    order = lock_order(session, house_of(checkout.order), checkout.order_id)
    session.refresh(checkout)
    if (told.amount_minor, told.currency) != (checkout.amount_minor, checkout.currency):
        return Outcome.OTHER_AMOUNT, checkout
    if told.house != str(order.course_house_id):
        return Outcome.OTHER_HOUSE, checkout
    checkout.session_id, checkout.livemode = told.id, told.is_live
    checkout.url = told.url or checkout.url
    checkout.payment_intent_id = told.payment_intent_id or checkout.payment_intent_id
    if told.is_paid:
        checkout.paid_at = earliest(checkout.paid_at, at)
    if told.has_expired:
        checkout.expired_at = earliest(checkout.expired_at, at)
    if has_failed:
        checkout.failed_at = earliest(checkout.failed_at, at)
    session.flush()
    _follow(session, order, checkout)
    return Outcome.HANDLED, checkout


def is_superseded(session: Session, checkout: Checkout) -> bool:
    """Say whether an open payment must not be paid any more: its order is closed, or less of it is left to pay."""
    order = checkout.order
    is_over = not order.is_open or order.paid_at is not None or checkout.amount_minor > left_to_charge(session, order)
    return checkout.is_open and is_over


def give_up_checkout(session: Session, *, checkout_id: int) -> None:
    """Note that a payment Stripe never answered about is over: its time has passed and Stripe knows no such session."""
    checkout = session.get_one(Checkout, checkout_id)
    order = lock_order(session, house_of(checkout.order), checkout.order_id)
    session.refresh(checkout)
    if checkout.is_open and checkout.session_id is None:
        checkout.expired_at = checkout.expires_at
        session.flush()
        _follow(session, order, checkout)


def earliest(known: datetime | None, told: datetime) -> datetime:
    """Return the earlier of two moments: joining facts this way, their order does not matter."""
    return told if known is None else min(known, told)


def _find(session: Session, told: ToldSession) -> Checkout | None:
    """Return the payment a session belongs to: by its id, or by our key while its id is not known."""
    by_key = (Checkout.idempotency_key == told.reference) & Checkout.session_id.is_(None)
    return session.scalar(select(Checkout).where(or_(Checkout.session_id == told.id, by_key)))


def _follow(session: Session, order: Order, checkout: Checkout) -> None:
    """Do what follows from the facts: a payment is noted, an order whose payment was abandoned is closed."""
    if checkout.paid_at is not None and checkout.session_id is not None:
        country = session.get_one(Seller, order.course_house_id).country
        note_payment(
            session,
            scope=house_of(order),
            order_id=order.id,
            kind=PaymentKind.CARD,
            amount_minor=checkout.amount_minor,
            paid_on=clock.day_of(checkout.paid_at, country),
            reference=checkout.session_id,
            by_id=None,
        )
    elif _was_abandoned(session, order):
        with speaking(order.language):
            reason = _("The payment by card was not completed in time.")
        if close_order(session, order, reason=reason, by_id=None):
            emails.order_cancelled(session, order=order)


def _was_abandoned(session: Session, order: Order) -> bool:
    """Say whether nobody will pay: all of an order's payments are over, one of them by its time, none is paid.

    One that failed leaves the order open: its buyer may try again; so does a part that came in some other way. An
    invoiced order is closed by a credit note alone.
    """
    if order.state is not OrderState.TO_PAY or order.paid_at is not None or invoice_of(session, order) is not None:
        return False
    if received(session, order) > 0:
        return False
    begun = session.scalars(select(Checkout).where(Checkout.order_id == order.id)).all()
    return not any(each.is_open or each.paid_at for each in begun) and any(each.expired_at for each in begun)
