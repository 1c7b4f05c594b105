"""Money back to a card: asked for by a credit note, or begun at Stripe's own pages; and card holders' objections."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.billing.models import Checkout, Dispute, Invoice, Order, Outcome, PaymentKind, Refund, Seller
from elearn.billing.order_rows import lock_order, record_event
from elearn.billing.services.checkouts import earliest, house_of
from elearn.billing.services.payments import note_payment, owed, received
from elearn.billing.told import ToldCharge, ToldDispute, ToldRefund
from elearn.core import audit, clock
from elearn.core.scope import HouseScope
from elearn.core.tokens import random_token
from elearn.jobs.queue import enqueue

FETCH_AFTER_S = 60
"""The refunds' own events mostly come first."""

ASKED = audit.kind("billing.refund.asked", "order_id", "refund_id", "amount_minor", "currency")


def want_refund(session: Session, *, order: Order, note: Invoice, by_id: int) -> Refund | None:
    """Have the money of a locked order's credit note go back to the card that paid; None when none did.

    No more goes back than was paid above what is still owed. A refund that was begun at Stripe's own pages for the
    same amount is this note's.
    """
    begun = session.scalar(
        select(Refund)
        .where(Refund.order_id == order.id, Refund.credit_note_id.is_(None), Refund.failed_at.is_(None))
        .where(Refund.amount_minor == note.total_minor)
        .order_by(Refund.id)
    )
    if begun is not None:
        begun.credit_note_id = note.id
        return begun
    return _ask(session, order, min(note.total_minor, to_give_back(session, order)), note=note, by_id=by_id)


def return_money(session: Session, *, scope: HouseScope, order_id: int, by_id: int) -> Refund | None:
    """Have what came in above what is owed go back to the card: a payment came for an order that was closed.

    A second press finds it under way. Raises `NotFound`.
    """
    order = lock_order(session, scope, order_id)
    return _ask(session, order, to_give_back(session, order), note=None, by_id=by_id)


def to_give_back(session: Session, order: Order) -> int:
    """Return what came in for an order above what is owed, less what is on its way back already."""
    asked = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == order.id, Refund.succeeded_at.is_(None), Refund.failed_at.is_(None)
    )
    return received(session, order) - owed(session, order) - int(session.scalars(asked).one())


def _ask(session: Session, order: Order, amount: int, *, note: Invoice | None, by_id: int) -> Refund | None:
    paid = session.scalars(
        select(Checkout)
        .where(Checkout.order_id == order.id, Checkout.paid_at.is_not(None))
        .order_by(Checkout.id.desc())
    )
    checkout = next((each for each in paid if _held_by(session, each) > 0), None)
    if checkout is None or amount <= 0:
        return None
    amount = min(amount, _held_by(session, checkout))
    refund = Refund(
        order=order,
        credit_note_id=note.id if note else None,
        checkout=checkout,
        idempotency_key=random_token(),
        amount_minor=amount,
        currency=order.currency,
        asked_at=clock.now(),
        problem="",
    )
    session.add(refund)
    session.flush()  # the event and the job name its id
    record_event(session, ASKED, order, by_id, refund_id=refund.id, amount_minor=amount, currency=refund.currency)
    enqueue(session, "billing.ask_refund", refund_id=refund.id)
    return refund


def _held_by(session: Session, checkout: Checkout) -> int:
    """Return what a card paid and has not got back; the rest of an order's money came some other way."""
    gone = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.checkout_id == checkout.id, Refund.failed_at.is_(None)
    )
    return checkout.amount_minor - int(session.scalars(gone).one())


def note_refund(session: Session, told: ToldRefund, *, at: datetime) -> tuple[Outcome | None, int | None]:
    """Join what Stripe tells of a refund, at a moment, to what is known; returns the order too.

    The outcome is None when its payment is not known yet: the refund's news came first, and waits.
    """
    checkout = paid_with(session, told.payment_intent_id)
    if checkout is None:
        return None, None
    order = lock_order(session, house_of(checkout.order), checkout.order_id)
    refund = _find(session, told)
    if refund is None:
        refund = Refund(
            order=order,
            checkout=checkout,
            stripe_id=told.id,
            amount_minor=told.amount_minor,
            currency=told.currency,
            asked_at=told.created_at,
            problem="",
        )
        session.add(refund)
        session.flush()
    if (refund.amount_minor, refund.currency, refund.checkout_id) != (told.amount_minor, told.currency, checkout.id):
        return Outcome.OTHER_REFUND, order.id
    refund.stripe_id = told.id
    if told.has_succeeded:
        refund.succeeded_at = earliest(refund.succeeded_at, at)
    if told.has_failed:
        refund.failed_at = earliest(refund.failed_at, at)
        refund.problem = told.problem or refund.problem
    session.flush()
    _book(session, order, refund)
    return Outcome.HANDLED, order.id


def note_charge(session: Session, told: ToldCharge) -> tuple[Outcome | None, int | None]:
    """Hear how much of a payment has gone back; what we know less of is fetched by a job."""
    checkout = paid_with(session, told.payment_intent_id)
    if checkout is None:
        return None, None
    known = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.checkout_id == checkout.id, Refund.succeeded_at.is_not(None)
    )
    if session.scalars(known).one() < told.refunded_minor:
        enqueue(session, "billing.fetch_refunds", delay_s=FETCH_AFTER_S, checkout_id=checkout.id)
    return Outcome.HANDLED, checkout.order_id


def note_dispute(session: Session, told: ToldDispute, *, at: datetime) -> tuple[Outcome | None, int | None]:
    """Join what Stripe tells of an objection to what is known; one that is lost has taken the money back.

    What was taken in another currency is not booked: the outcome says so.
    """
    checkout = paid_with(session, told.payment_intent_id)
    if checkout is None:
        return None, None
    order = lock_order(session, house_of(checkout.order), checkout.order_id)
    dispute = session.scalar(select(Dispute).where(Dispute.stripe_id == told.id))
    if dispute is None:
        dispute = Dispute(
            stripe_id=told.id,
            payment_intent_id=told.payment_intent_id,
            order=order,
            amount_minor=told.amount_minor,
            currency=told.currency,
            reason=told.reason,
            opened_at=told.created_at,
        )
        session.add(dispute)
    if told.has_closed:
        dispute.closed_at = earliest(dispute.closed_at, at)
        dispute.won = told.was_won
    session.flush()
    if dispute.won is False:
        if dispute.currency != order.currency:
            return Outcome.OTHER_DISPUTE, order.id
        _note(session, order, PaymentKind.REFUND, -dispute.amount_minor, at, dispute.stripe_id)
    return Outcome.HANDLED, order.id


def note_refusal(session: Session, *, refund_id: int, problem: str) -> None:
    """Note that Stripe will not give a refund: the owner pays it back some other way."""
    refund = session.get_one(Refund, refund_id)
    if refund.succeeded_at is None:
        refund.failed_at = earliest(refund.failed_at, clock.now())
        refund.problem = problem


def paid_with(session: Session, payment_intent_id: str) -> Checkout | None:
    """Return the card payment that Stripe knows by an id, once it is paid: nothing goes back before it came."""
    return session.scalar(
        select(Checkout).where(Checkout.payment_intent_id == payment_intent_id, Checkout.paid_at.is_not(None))
    )


def _find(session: Session, told: ToldRefund) -> Refund | None:
    """Return the row of a refund: by its id, or by our key while its id is not known."""
    known = session.scalar(select(Refund).where(Refund.stripe_id == told.id))
    if known is None and told.key:
        known = session.scalar(select(Refund).where(Refund.idempotency_key == told.key, Refund.stripe_id.is_(None)))
    return known


def _book(session: Session, order: Order, refund: Refund) -> None:
    """Book money that went back, and its return when the bank sent it back again; whichever was heard of first."""
    if refund.succeeded_at is None or refund.stripe_id is None:
        return
    _note(session, order, PaymentKind.REFUND, -refund.amount_minor, refund.succeeded_at, refund.stripe_id)
    if refund.failed_at is not None:
        back = f"{refund.stripe_id} failed"
        _note(session, order, PaymentKind.CARD, refund.amount_minor, refund.failed_at, back)


def _note(session: Session, order: Order, kind: PaymentKind, amount_minor: int, at: datetime, reference: str) -> None:
    country = session.get_one(Seller, order.course_house_id).country
    note_payment(
        session,
        scope=house_of(order),
        order_id=order.id,
        kind=kind,
        amount_minor=amount_minor,
        paid_on=clock.day_of(at, country),
        reference=reference,
        by_id=None,
    )
